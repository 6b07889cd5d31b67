"""The words of appointments with customers, for what happened to a ticket and for the tasks that follow."""

APPOINTMENTS: dict[str, tuple[str, str]] = {
    "appointment": ("预约", "appointment"),
    "appointed": ("预约上门", "appointment made"),
    "appointment-moved": ("改约", "appointment moved"),
    "appointment-cancelled": ("取消预约", "appointment cancelled"),
    "appointment-missed": ("预约时间未到场", "appointment missed"),
    "appointment-called": ("预约电话提醒", "called about the appointment"),
}
