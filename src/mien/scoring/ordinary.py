"""Words of the wheel tables that in running prose seldom name an emotion, and Chinese emotion words; both our own.

A table that knows 7356 forms also knows "face", "person", "see" and "open": named alone in a list they are labels, in
a description they are not. `ORDINARY` lists base forms; a form all of whose bases are ordinary is read as a label only
where it stands alone as an item of a list.
"""

from __future__ import annotations

from collections.abc import Mapping

_ORDINARY = """
absence absent absorbing accepted accessible accomplice acknowledged acknowledgement acknowledgment active
adverse aesthetic affiliation aggressive aiding aimless alert analytical animated artistic aspirant assaulted
associated astute attend_to attending attention attentive atypical autonomous available aware bad balanced bare
barred barren believing beneficial biased biting bonded breached breakable bright briny broken brutal busy
bypassing careful cast cast_aside casual centered certain challenged circumventing circumvention clear clever
close closed_off coerced cognizant cold collected colorful combative compelled completed compliant complicit
composed concentrated confidential confronted connected connection conscious consent consenting considerate
constrained contemplative content cooperating cooperative covered creative critical crucial crushed culpable
cultivating cumbersome current curt cutting dangerous deadened declined dedicated deferential deficient deficit
degraded delicate demanding denied dense dependent depleted derided deserted detected determined devoid devoted
dignified diminished directed disappeared discerning dismissing disordered disorganized displaced disregarded
disregarding distanced distant distorted diverted docile dodging dominant down-to-earth drained drive
driven_away dull dumb dynamic ease eased easing easygoing effective eluding embodied emotional emotionless empty
endangered endorsement engaged engaging escape escaping essential evading evaluative evaporated evasion
exceptional excluded exemplified existent existing expedited expert exploited exposed faced faded failed
faithful familiar far faraway fast-tracked fierce fixed flooded flung focused forceful forfeiture forgotten
fostering fragile frail free freed futile genius gentle gone grounded guarded guarding hasty hazardous heated
heavy hectic heed here hollow honest hurled hurried ill immersed impertinent implicated important impressed
in_attendance in_sync in_the_moment in_the_zone incapable incarnated inclusion independent ineffective inferior
infirm influenced influential informed infringed injured innovative inquisitive insensible insightful
insignificant insufficient insulated intellect intellectual intelligent intense interesting inundated invaluable
inventive investigative involved ironic jeopardized jerked judicious knowledgeable lacking left left_behind
lesser linked listless lively look_after loss lost lower lush manifested mastermind meaningful meaningless
membership mighty mindful minor misinformed misinterpreted misread missing mistaken mixed-up moved mute negative
neglected negligible no_words not_enough not_good_enough not_heard noticed nurture nurturing obliged observant
observed occupied odd omitted open opposed original out_of_control out_of_danger overcome overloaded overlooked
participating passive perceptive perilous personal personified poised poor possessive potent powerful practical
precious prejudiced present pressed pressed_for_time private probing prodigy propel prosperous protected
protective pushed pushed_away quick reactive realistic realized received receptive recognition recognized
reflective regard regarded related release relevant reliable reliant remote represented reserved resistant
respected responsible responsive restful revealed rich risk-free risky rooted rushed safe safeguarded
safeguarding salty sarcastic savage secluded second-rate secure seen segregated sensible sensitive separated
serious severe sharp sheltered shielded shielding shut_off shut_out sick sidestepping significant silent smart
soft solitary sour spent stable steadfast steering_clear_of stimulate stimulated stimulating stirred strained
strange strong submissive subordinate subpar substandard substantial successful sunny support supporting
supportive susceptible swift tactile talent talented targeted tempest tend tend_to tender tending tense
tentative terrible tested thought-provoking thoughtful thrown tight touched touching traitor transgressed
transparent trespassed trivial true turbulent turned_away turned_down turned_off unbound uncentered uncertain
unclear unconfined uncontrolled unconventional uncovered unfavorable unguarded unharmed unheard unimportant
unmanageable unnoticed unoccupied unpleasant unprotected unremembered unreserved unresponsive unrestrained
unrestricted unsafe unstable unusual unveiled unwise unwound useful useless vacant vague validated valuable
valued vigilant vigorous violated violent virtuoso vital vivid void warm weak weighty welcomed wild withdrawal
withdrawn worthwhile wounded yielding
"""
ORDINARY = frozenset(word.replace("_", " ") for word in _ORDINARY.split())

_FORMS = "slight slights slightly question questions content contents cares"
ORDINARY_FORMS = frozenset(_FORMS.split())
"""Single forms that are ordinary words though their base forms name emotions."""

CHINESE: Mapping[str, str] = {
    word: english
    for english, words in {
        "happy": "高兴 开心 快乐 喜悦 愉快 欣喜 欢快 幸福 愉悦 高興 快樂 開心",
        "sad": "悲伤 伤心 难过 悲痛 悲哀 忧伤 伤感 悲傷 難過 傷心",
        "angry": "生气 愤怒 气愤 恼怒 恼火 愤慨 怒气 生氣 憤怒",
        "afraid": "害怕 恐惧 惧怕 恐慌 惊恐 畏惧 恐懼",
        "surprised": "惊讶 吃惊 惊奇 惊喜 诧异 震惊 驚訝 吃驚 震驚",
        "disgusted": "厌恶 恶心 反感 嫌弃 厭惡",
        "worried": "担心 担忧 忧虑 擔心 擔憂",
        "anxious": "焦虑 焦急 着急 焦慮 紧张不安",
        "nervous": "紧张 緊張",
        "uneasy": "不安 忐忑",
        "calm": "平静 冷静 镇定 平和 淡定 平靜 冷靜",
        "relaxed": "轻松 放松 輕鬆",
        "excited": "兴奋 激动 興奮 激動",
        "disappointed": "失望 失落",
        "frustrated": "沮丧 挫败 灰心 沮喪",
        "helpless": "无助 无奈 無助 無奈",
        "confused": "困惑 疑惑 迷茫 不解 迷惑",
        "doubtful": "怀疑 质疑 懷疑 質疑",
        "dissatisfied": "不满 不悦 不滿",
        "satisfied": "满意 满足 滿意 滿足",
        "grateful": "感激 感谢 感恩 感謝",
        "proud": "自豪 骄傲 得意 驕傲",
        "ashamed": "羞愧 惭愧 羞耻 慚愧",
        "guilty": "内疚 愧疚 自责 內疚",
        "embarrassed": "尴尬 难堪 尷尬",
        "shy": "害羞 羞涩",
        "lonely": "孤独 寂寞 孤單 孤獨",
        "curious": "好奇",
        "hopeful": "希望 期待 期盼",
        "impatient": "不耐烦 急躁 烦躁 厌烦 不耐煩",
        "aggrieved": "委屈",
        "jealous": "嫉妒 妒忌",
        "contempt": "轻蔑 鄙视 蔑视 不屑 輕蔑",
        "sarcastic": "讽刺 嘲讽 諷刺",
        "serious": "严肃 認真 认真 嚴肅",
        "confident": "自信",
        "love": "喜爱 喜欢 爱意 热爱",
        "pained": "痛苦",
        "despair": "绝望 絕望",
        "regretful": "后悔 遗憾 懊悔",
        "unhappy": "不高兴 不开心",
        "neutral": "中性 中立",
    }.items()
    for word in words.split()
}
"""Chinese emotion word -> the English label it is read as in running text, where words are found inside others.

Items of a list are looked up in the larger table of `mien.affect.chinese` besides.
"""
