"""One step back, from wherever the reader is."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsreader.tui.screens.main import MainScreen


async def step_back(main: "MainScreen") -> bool:
    """Go one level back; return whether there was one."""
    if main.typing:
        await main.bar.settle()
        if not main.prompting.completing.close():
            main.leave_search()
    elif main.has_class("-zen"):
        main.remove_class("-zen")
    elif main.at == "article-view":
        if not main.naming.back():
            main.view.unfocus()
            main.action_enter("article-list")
    elif main.at == "source-list":
        main.go_to("article-list")
    elif main.finding.active:
        main.leave_search()
    else:
        return False
    return True
