"""Every board there is, by its name."""

from console.live import agent, calls, desk, prompt, telephone, tickets, wall
from console.live.boards import Board

BOARDS: dict[str, Board] = {
    board.name: board
    for board in (
        calls.BOARD,
        *(agent.BAR, agent.CARD, agent.PILL, agent.WRAP_UP),
        *(telephone.HANDS, telephone.COLLEAGUES),
        *(desk.RACK, desk.WOKEN, desk.SHEET),
        *(tickets.LIST, tickets.CHANGED, tickets.WORK),
        prompt.BOARD,
        wall.BOARD,
    )
}
