"""The console script `wangge`: every command by its name in the contract. Exit 0 done, 1 refused or failed, 2 bad usage."""

import typer

from bot.cli import (
    archive,
    checking,
    city,
    driving,
    lexicon,
    notice,
    platform,
    reading,
    scenes,
    service,
    simulating,
    training,
)

app = typer.Typer(
    name="wangge",
    help="网格化管理公众号机器人",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("demo")(service.demo)
app.command("run")(service.run)
app.command("check")(checking.check)
app.command("city")(city.city)
app.command("import")(city.import_)
app.command("classify")(reading.classify)
app.command("evaluate")(reading.evaluate)
app.command("train")(training.train)
app.command("train-ear")(training.train_ear)
app.command("due")(reading.due)
app.command("cases")(archive.cases)
app.command("notice")(notice.notice)
app.command("replay")(driving.replay)
app.command("simulate")(simulating.simulate)
app.command("scenes")(scenes.scenes)
app.command("sandbox")(platform.sandbox)
app.add_typer(archive.audit, name="audit")
app.add_typer(platform.menu, name="menu")
app.add_typer(driving.bench, name="bench")
app.add_typer(lexicon.lexicon, name="lexicon")


def main() -> None:
    """The entry point."""
    app()
