from storage.engine import make_engine
from storage.schema import list_drift, migrate


async def test_migrations_lead_to_the_tables_in_code(empty_url: str) -> None:
    engine = make_engine(empty_url)
    assert await list_drift(engine)
    await migrate(engine)
    assert await list_drift(engine) == []
    await engine.dispose()


async def test_migrating_twice_is_harmless(empty_url: str) -> None:
    engine = make_engine(empty_url)
    await migrate(engine)
    await migrate(engine)
    assert await list_drift(engine) == []
    await engine.dispose()
