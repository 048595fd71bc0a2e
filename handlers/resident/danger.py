"""What is said to somebody in danger: the number to call comes first, and nothing that can wait is asked."""

from nlp.reading import Emergency

SELF_HARM = "self_harm"
_WHO_ELSE = {"110": "报警", "119": "火警救援", "120": "伤者", "122": "交通事故"}
_WHAT_FIRST = {
    "fire": "请先撤到安全的地方，不要乘电梯",
    "gas": "请不要开灯，不要开关电器，不要在室内打电话；关阀、开窗、马上离开，到室外再打",
    "chemical": "请马上往上风方向离开，用湿毛巾捂住口鼻，不要围观",
    "electric": "请不要碰带电的人和物，先断电，断不了就远离",
    "collapse": "请先远离危险的地方",
    "trapped": "请不要强行扒门、硬拉硬拽，等救援人员来",
    "drowning": "请不要盲目下水施救，可以抛绳子、木板、救生圈",
    "flood": "请先到高处",
    "violence": "请先躲到安全的地方，锁好门，不要上前",
    "threat": "请锁好门，不要开门，不要独自出去",
    "injury": "请不要随意搬动伤病的人；没有呼吸的，听120指导做心肺复苏",
    "traffic": "请先到路边安全处，不要搬动受伤的人",
    "missing": "请把衣着、相貌和最后看到的地方告诉警察，不用等24小时",
}
_COMFORT = (
    "您现在一定很难受，谢谢您愿意说出来。请先拨打心理援助热线12356，有人会一直听您说；"
    "如果已经受伤，或怕自己出事，请拨打120或110。"
)
WHERE_ARE_YOU = "您愿意告诉我您在哪里吗？（小区和楼号，也可发送位置）"
LISTENING = "您说的我都记下了，已转告来帮您的人。心里难受，请随时拨打12356；有危险请拨打120或110。"


def emergency_line(emergency: Emergency, gas_phone: str) -> str:
    """The first line of an answer to somebody in danger: the number to call, then the one thing to do until help comes.

    `gas_phone` is the gas company's number, named beside the others where gas escapes; empty where none is set.
    """
    if emergency.kind == SELF_HARM:
        return _COMFORT
    first, *more = emergency.call or ("110",)
    others = [f"{_WHO_ELSE.get(number, '或')}{number}" for number in more]
    if emergency.kind == "gas" and gas_phone:
        others.append(f"燃气公司{gas_phone}")
    besides = f"（{'，'.join(others)}）" if others else ""
    advice = f"{_WHAT_FIRST[emergency.kind]}。" if emergency.kind in _WHAT_FIRST else ""
    return f"请立即拨打{first}{besides}。{advice}"
