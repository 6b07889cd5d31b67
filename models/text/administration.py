"""Words of administration: posts, changes of settings, and its entries in the access log."""

ADMINISTRATION: dict[str, tuple[str, str]] = {
    "supervisor": ("主管", "supervisor"),
    "technician": ("技术员", "technician"),
    "monitoring": ("监控中心", "monitoring centre"),
    "attendant": ("楼层服务员", "floor attendant"),
    "proposed": ("待批准", "to be approved"),
    "written": ("已写入", "written"),
    "not-written": ("未写入", "NOT WRITTEN"),
    "turned-down": ("已否决", "turned down"),
    "settings change proposed": ("提出设置修改", "proposed a change of settings"),
    "settings change approved": ("批准设置修改", "approved a change of settings"),
    "settings change turned down": ("否决设置修改", "turned a change of settings down"),
    "prompt replaced": ("更换提示音", "replaced a prompt"),
    "prompt back to the delivered one": ("恢复自带提示音", "went back to the delivered prompt"),
    "owner's number added": ("添加业主号码", "added an owner's number"),
    "owner's number removed": ("删除业主号码", "removed an owner's number"),
    "sign-in link made": ("生成登录链接", "made a sign-in link"),
    "sign-in link made, with the right to administer": (
        "生成管理员登录链接",
        "made a sign-in link for an administrator",
    ),
    "password chosen by link": ("用链接设置密码", "chose a password by a link"),
    "may administer": ("授予管理员权限", "gave the right to administer"),
    "may no longer administer": ("收回管理员权限", "took the right to administer"),
}
