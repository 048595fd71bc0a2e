"""What is said to somebody in danger: the number to call comes first, and nothing that can wait is asked."""

from nlp.reading import Emergency

SELF_HARM = "self_harm"
_WHO_ELSE = {"110": "报警", "119": "火警救援", "120": "伤者", "122": "交通事故"}
_WHAT_FIRST = {
    "fire": "请先撤到安全的地方，不要乘电梯",
    "gas": "请马上开窗、关阀、离开，不要开关电器，到室外再打电话",
    "electric": "请不要靠近带电的地方",
    "collapse": "请先远离危险的地方",
    "trapped": "请不要强行扒门",
    "drowning": "请不要盲目下水施救",
    "flood": "请先到高处",
}
_COMFORT = (
    "您现在一定很难受，谢谢您愿意说出来。请先拨打心理援助热线12356，有人会一直听您说；"
    "如果已经受伤，或怕自己出事，请拨打120或110。"
)
WHERE_ARE_YOU = "您愿意告诉我您在哪里吗？（小区和楼号，也可发送位置）"
LISTENING = "您说的我都记下了，已转告来帮您的人。心里难受，请随时拨打12356；有危险请拨打120或110。"


def emergency_line(emergency: Emergency, gas_phone: str) -> str:
    """The first line of an answer to somebody in danger: the number to call."""
    if emergency.kind == SELF_HARM:
        return _COMFORT
    first, *more = emergency.call or ("110",)
    others = [f"{_WHO_ELSE.get(number, '或')}{number}" for number in more]
    if emergency.kind == "gas" and gas_phone:
        others.append(f"燃气公司{gas_phone}")
    besides = f"（{'，'.join(others)}）" if others else ""
    advice = f"{_WHAT_FIRST[emergency.kind]}。" if emergency.kind in _WHAT_FIRST else ""
    return f"请立即拨打{first}{besides}。{advice}"
