"""Word forms of the labels that closed-set benchmarks use, in English and Chinese; a small table of our own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

_FORMS = (
    "happy happier happiest happily happiness joy joyful joyfully joyous 高兴 快乐 开心 喜悦 幸福",
    "sad sadder saddest sadly sadness sorrow sorrowful 悲伤 伤心 难过 悲哀",
    "neutral neutrally neutrality 中性 平静 无情绪 中立",
    "angry angrier angrily anger angered 生气 愤怒 恼怒 气愤",
    "surprise surprised surprising surprisingly surprises astonished astonishment 惊讶 吃惊 惊奇 惊喜",
    "disgust disgusted disgusting disgustedly 厌恶 恶心 反感",
    "fear fearful fearfully fears scared afraid frightened 害怕 恐惧 惧怕",
    "worried worry worries worrying worriedly 担心 担忧 忧虑",
    "anxious anxiety anxiously 焦虑 焦急 不安",
    "contempt contemptuous contemptuously 轻蔑 鄙视 蔑视",
    "helpless helplessness helplessly 无助 无奈",
    "disappointed disappointment disappointing disappointedly 失望",
    "excited excitement excitedly exciting 兴奋 激动",
    "frustrated frustration frustrate frustrating 沮丧 挫败",
    "calm calmly calmness 冷静 镇定",
    "confused confusion confusing 困惑 疑惑",
    "proud pride proudly 骄傲 自豪",
    "bored boredom boring 无聊",
    "positive positively positivity 积极 正面",
    "negative negatively negativity 消极 负面",
    "amused amusement amusing 好笑",
    "awe awed",
    "content contented contentment",
    "embarrassed embarrassment 尴尬",
    "suffering suffer suffers",
    "annoyed annoyance annoying 烦躁",
    "aversion averse",
    "anticipation anticipating anticipates 期待",
    "affection affectionate",
    "sympathy sympathetic sympathetically 同情",
    "peace peaceful peacefully",
    "fatigue fatigued 疲惫 疲劳",
    "pain pained painful 痛苦",
    "engagement engaged",
    "disconnection disconnected",
    "disapproval disapproving disapproves disapprove",
    "sensitivity sensitive",
    "disquietment disquieted disquiet",
    "confidence confident confidently 自信",
    "pleasure pleased 愉快",
    "yearning yearn yearns 渴望",
    "esteem esteemed",
    "doubt doubtful doubts 怀疑",
    "questioning question questions 询问 质疑",
    "agreeing agree agrees agreement 同意 赞同",
    "acknowledging acknowledge acknowledges acknowledgement acknowledgment 认可",
    "encouraging encourage encourages encouragement 鼓励",
    "consoling console consoles consolation 安慰",
    "suggesting suggest suggests suggestion 建议",
    "wishing wish wishes 祝愿 希望",
)

_FAMILY: dict[str, frozenset[str]] = {form: frozenset(line.split()) for line in _FORMS for form in line.split()}


@lru_cache(maxsize=256)
def forms_of(labels: tuple[str, ...]) -> Mapping[str, str]:
    """Lower-case form -> the label of `labels` it stands for.

    A label outside the table has its own spelling as its only form; "Doubt/Confusion" has the forms of both halves. A
    form that would stand for two labels of the set ("happy" and "joy" both there) stands only for the one spelt so.

    >>> forms_of(("joy", "fear"))["happiness"]
    'joy'
    """
    found: dict[str, set[str]] = {}
    for label in labels:
        for form in _forms(label):
            found.setdefault(form, set()).add(label)
    own = {label.lower(): label for label in labels}
    return {form: own.get(form) or next(iter(who)) for form, who in found.items() if len(who) == 1 or form in own}


def _forms(label: str) -> frozenset[str]:
    low = label.strip().lower()
    halves = [part.strip() for part in low.split("/") if part.strip()]
    return frozenset({low}).union(*(_FAMILY.get(part, frozenset({part})) for part in halves or [low]))
