"""Surnames, forms of address and the like: what names are recognised by. Simplified characters."""

from __future__ import annotations

import re

SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧肖蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚"
    "卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱覃武莫孔汤章欧柯游洪"
    "翁古涂简庄凌童温纪倪连詹施卓骆辜巫甘柳麦鲍费康乔左关路齐辛蒙穆单佟宫符阮宁成易伍俞裴尤华祝池桑耿褚柴焦霍"
    "舒屈项鲁葛牛严岑殷包闫聂岳梅狄盛房刁季明伊车谷苗申冉冼邝区敖粟植布祁文劳甄招湛缪赖官邬闵蓝颜"
    "饶翟瞿佘丘卞冷戚晏桂戈宗尚巩庞戎景曲柏栾沙滕竺胥臧艾芦茅荆荣荀蒲虞谌贝迟郁阙隋靳鞠仇储卜喻娄寇屠楚朴栗牟粘蔺"
)
"""The hundred commonest of each of mainland, Taiwan and Hong Kong, and rarer ones that are no common word."""

COMPOUND_SURNAMES = frozenset(
    (
        "欧阳",
        "司马",
        "上官",
        "诸葛",
        "司徒",
        "皇甫",
        "夏侯",
        "公孙",
        "尉迟",
        "端木",
        "东方",
        "张简",
        "范姜",
        "慕容",
        "令狐",
        "南宫",
        "长孙",
        "宇文",
        "呼延",
        "轩辕",
        "钟离",
        "独孤",
        "司空",
        "澹台",
        "濮阳",
        "淳于",
        "赫连",
        "鲜于",
    )
)

TITLES = (
    "老先生|老太太|老师傅|老师|工程师|设计师|副总|副理|协理|专员|站长|班长|主席|理事长|总干事|干事|领班|大叔|大婶|大嫂|婶婶|姑娘|"
    "姑姑|大夫|护士|司机|监理|代表|里长|所长|处长|局长|部长|厂长|行长|总裁|助理|管家|师母|女仕|"
    "先生|小姐|女士|太太|师傅|师父|经理|主任|阿姨|伯伯|叔叔|大哥|大姐|大爷|大妈|奶奶|爷爷|队长|组长|科长|课长|"
    "主管|店长|医生|医师|律师|警官|同学|秘书|会计|老板|主委|委员|总监|董事长|教授|院长|校长|先森|老太|妈妈|爸爸|"
    "伯母|伯父|婆婆|师奶|太公"
)
SHORT_TITLES = (
    "生(?![气活日病意产])|太(?![多大小远贵热吵晚早有长短高低快慢好])|总(?![共是算之有要阀机部台开控体数额量局行裁结])|"
    "工(?![作人程地单具资])|姐|哥|嫂|叔|姨|伯|董|sir"
)
"""Forms of address of one syllable (陳生, 林總), unless they begin another word."""

COMPONENTS = re.compile(
    r"耳东的?\s?陈|弓长的?\s?张|木子的?\s?李|双木的?\s?林|口天的?\s?[吴吕]|草头的?\s?黄|草将的?\s?蒋|立早的?\s?章|早立的?\s?章|古月的?\s?胡|"
    r"三横一?竖?的?\s?王|三划的?\s?王|走肖的?\s?赵|言午的?\s?许|木易的?\s?杨|双口的?\s?吕|人可的?\s?何|禾呈的?\s?程|美女的?\s?姜|羊女的?\s?姜|"
    r"西早的?\s?覃|文刀的?\s?刘|卯金刀的?\s?刘|干[勾钩]的?\s?于|人未的?\s?朱|十八子的?\s?李|水工的?\s?江|四维的?\s?罗|走召的?\s?赵|余则的?\s?余|"
    r"人禾的?\s?[佘余]|奠耳的?\s?郑|关耳的?\s?郑|双人的?\s?徐|舍予的?\s?舒|子小的?\s?孙|小子的?\s?孙|竹付的?\s?符|百家姓的?\s?[赵钱孙李]|"
    r"丘耳的?\s?邱|山今的?\s?岑|口土的?\s?田|二马的?\s?冯|两点水的?\s?冯|三点水的?\s?[江汪洪温沈潘]|草字头的?\s?[黄蔡蒋叶苏董范莫]|"
    r"单人旁的?\s?[何任傅]|双人旁的?\s?徐|[一-鿿]字[旁头]的?\s?[一-鿿]"
)
"""How a surname is spelled by its parts."""

NOT_IN_GIVEN_NAMES = frozenset(
    "的了是在我你他她它您不有就这那个们么吗呢吧啊呀哦嗯都也很还要会能可请问先几什谁哪为和跟与及或但把被给对从到去来说打"
    "找让叫住电手身户号地车名姓址单号楼室门房间上下里外前后年月日点分元块钱二四五六七八九十百两零〇想看听知道没得着过"
    "此之因所只再又才已经将刚等够帮办报修用著，,。.、！!？?：:；; 　"
)
"""Characters that hardly any given name holds; a name ends before them."""

NEVER_IN_NAMES = NOT_IN_GIVEN_NAMES - frozenset(
    "有可能会和知为百四里前月元年日先几十二五六七八九两名上下外后之道分点"
)
"""Those of them that no name holds even where one was announced: 我叫林*月*娥, but 我叫林娥*住*三棟."""

GIVEN = (
    "志明淑芬伟美云丽华芳英玲婷雯娟霞燕珍琴敏静娜萍涛军强杰佳雅琪怡颖俊杰宏建国文德雄豪宇轩子涵梓欣思雨婉君惠慧秀兰梅玉凤"
    "桂莲红艳菊香月春夏秋冬雪冰晶莹倩蓉薇蕾莉莎媛嘉家宜宁安康健辉耀光荣昌盛永福禄寿祥瑞吉庆东海江波浩瀚泽洋龙虎鹏飞翔凯"
    "斌彬武威勇刚毅坚诚信义仁礼智贤良善忠孝廉洁清廷庭锋锐钧铭鑫铁钢柏松林森楠桐栋梁材成达通博学识才艺诗书琳瑶瑾瑜璇珊"
    "珠璐翠碧青蓝紫素贞淑娴婵娇妍妮姿婧瑛琼瑞霖霆震雷电晴昊旭晨曦朝阳晓昕昱晖景星辰彦哲翰祖耀宗绍承继恩泰祺睿逸奕弘毅"
    "仪佩珮筱依伊芷若诺萱蓓茹芸苹莹锦绣纯维伦凡世昌冠廷柏翰承恩品妤咏晴宥心彤雅筑郁婕钰"
)
"""Characters that given names are made of, by which a name is known without anything said before it."""

LATIN_NAMES = re.compile(
    "tony|peter|mary|john|david|michael|kevin|jason|eric|alex|andy|ben|bill|bob|brian|carol|"
    "cathy|chris|cindy|daniel|danny|debby|dennis|derek|eddie|edward|elaine|elsa|emily|emma|"
    "fiona|frank|gary|george|gigi|grace|helen|henry|howard|iris|irene|ivan|ivy|jack|jackie|"
    "james|jane|janet|jeff|jennifer|jenny|jerry|jessica|jimmy|joanna|joe|joey|joyce|judy|julia|"
    "karen|kate|kelly|ken|kenny|kitty|larry|leo|lily|linda|lisa|louis|lucy|maggie|mandy|mark|"
    "matthew|max|may|michelle|mike|nancy|natalie|nicole|oscar|patrick|paul|philip|rachel|"
    "raymond|richard|rita|robert|roger|rose|ryan|sally|sam|sandy|sarah|simon|sophia|stanley|"
    "stella|stephen|steven|sunny|susan|ted|teresa|terry|thomas|tiffany|tim|tina|tom|tommy|"
    "tracy|vicky|victor|vincent|vivian|wendy|william|winnie|yvonne|amy|angela|anna|anita|annie|"
    "betty|candy"
)
"""English first names common in Hong Kong and Taiwan, known without anything said before them."""

GIVEN_ALONE = frozenset("明华芳丽英玲婷雯娟霞燕珍琴敏静娜萍涛军伟强杰佳雅琪怡颖")
"""Characters of given names that stand alone after 小 (小芳), of no ordinary word with it."""

NOT_AFTER_AH = frozenset("姨公嬷婆伯里拉弥嫂兵妈爸哥妹爷北尔叔弟姐斗们呆坡富根")
"""阿姨, 阿公, 阿里 … are nobody's name."""

FAMILIAR_WORDS = re.compile(
    "小费|小钱|小于|小成|小毛|小康|小方|小麦|小江|小区|小路|小包|小车|小文|小房|小单|小关|小白|"
    "小门|小温|小池|小金|小石|小段|小洪|小高|小谷|小苗|小布|小管|老牛|老成|老乔|老房|老公|老路|"
    "老高|老车|老管|老单"
)
"""Words of 小 or 老 and a character that is a surname as well."""

NO_LATIN_NAMES = re.compile(
    "sorry|ok|okay|hello|hi|yes|no|vip|app|wifi|ic|id|email|mail|line|whatsapp|qq|atm|sir|mr|"
    "mrs|ms|miss|the|at|from|room"
)
"""Latin words in Chinese speech that follow 「我是」 and the like without being a name."""

WRITTEN_BY = (
    "(?:户名|户主|持卡人|收[件货]人|签收人|姓名|联[系络]人|委托人|申请人|报修人(?!员))(?:是|写)?"
)
"""What stands before a name in a form, and in what is read from one."""
