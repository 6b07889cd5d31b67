"""The words of calls to staff about tickets that are late, or new: who is called, how far it is, how it ended."""

LADDERS: dict[str, tuple[str, str]] = {
    "climbing": ("逐级通知中", "going on"),
    "exhausted": ("无人接单", "NOBODY HAS ACCEPTED"),
    "dispatch": ("派到部门的工单", "dispatched tickets"),
    "handed-up": ("转主管处理", "handed to the supervisor"),
    "department": ("部门值班人员", "department on duty"),
    "reminder": ("首问提醒", "reminder"),
    "first-receiver": ("首问责任人", "first receiver"),
    "assignee": ("经办人", "assignee"),
    "lead": ("部门主管", "lead"),
    "manager": ("经理", "manager"),
    "passed-on": ("转告下一位", "passed on"),
    "called-off": ("已撤销", "called off"),
    "nobody has accepted it": ("电话通知后无人接单", "staff called, nobody accepted it"),
    "notified": ("电话通知部门", "department called"),
    "not-accepted": ("工单无人接单", "nobody has accepted it"),
}
