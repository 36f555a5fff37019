"""What the reference implementation raises.

`Bad` means: these bytes do not parse.  `Refused` names the check of
doc/protocol.md (5.8, 5.9, 6.5, 6.6, 9.6, 9.8) that refuses a message, and
the answer that the check leads to.
"""


class Bad(ValueError):
    """A piece of a message that breaks the grammar of its format."""


class Refused(Exception):
    """A message that a named check refuses."""

    def __init__(self, check, answer, why=""):
        super().__init__(f"{check} ({answer}): {why}")
        self.check = check
        self.answer = answer
