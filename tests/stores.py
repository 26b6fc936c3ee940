"""Stores to test with: each test of a store runs on SQLite and on a PostgreSQL of our own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text

from tests.postgres import REQUIRED, programs, server


@pytest.fixture(scope="session")
def postgres_programs() -> Path:
    found = programs()
    if found is None:
        if os.environ.get(REQUIRED):
            pytest.fail("no PostgreSQL here: install it (Debian: postgresql)")
        pytest.skip("no PostgreSQL here (Debian: apt-get install postgresql)")
    return found


@pytest.fixture(scope="session")
def postgres(postgres_programs: Path) -> Iterator[str]:
    """The URL of a server's first database."""
    with server(postgres_programs) as one:
        yield one.url


@pytest.fixture
def postgres_url(postgres: str) -> Iterator[str]:
    """A database of its own on the server."""
    name = f"callqa_{uuid4().hex[:12]}"
    engine = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(postgres).set(database=name).render_as_string()
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty store, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'callqa.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url
