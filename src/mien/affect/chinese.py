"""Chinese emotion words and the English word each is read as: a small table of our own, not a dictionary.

Labels and answers of Chinese data sets use few words, most of them here; a word that is not here stays unknown.
"""

from __future__ import annotations

_WORDS = {
    "happy": "高兴 开心 快乐 喜悦 愉快 欣喜 欢快 欢喜 愉悦 快活 欢乐 开朗 喜 乐 高兴地 乐呵呵",
    "joyful": "欢欣 雀跃 欣喜若狂 兴高采烈 眉开眼笑 喜气洋洋 喜出望外 狂喜",
    "blissful": "幸福 甜蜜 美满",
    "content": "满足 知足 惬意 舒心",
    "satisfied": "满意 称心 如意",
    "amused": "好笑 逗乐 滑稽 打趣 戏谑",
    "playful": "调皮 俏皮 顽皮 活泼",
    "excited": "兴奋 激动 亢奋 热血沸腾",
    "enthusiastic": "热情 热烈 热忱",
    "energetic": "精力充沛 朝气蓬勃",
    "hopeful": "希望 期待 期盼 盼望 憧憬 向往",
    "optimistic": "乐观 积极",
    "eager": "渴望 迫不及待 急切 热切",
    "confident": "自信 有信心 胸有成竹",
    "proud": "自豪 骄傲 得意 扬扬得意",
    "arrogant": "傲慢 自大 高傲 狂妄",
    "grateful": "感激 感谢 感恩",
    "moved": "感动 动容 触动",
    "loving": "爱 喜欢 欣赏 中意 喜爱 爱意 热爱 疼爱 深情 爱慕 宠溺",
    "affectionate": "亲切 亲昵 温情 柔情",
    "admiring": "佩服 敬佩 钦佩 崇拜 仰慕 羡慕",
    "respected": "尊敬 敬重 尊重",
    "caring": "关心 关怀 体贴 关切",
    "sympathetic": "同情 怜悯 心疼 怜惜",
    "trusting": "信任 信赖",
    "relieved": "松了一口气 如释重负 欣慰 宽慰 释然 庆幸",
    "calm": "平静 冷静 镇定 平和 淡定 沉着 安静 宁静 从容 心平气和",
    "relaxed": "放松 轻松 悠闲 自在",
    "peaceful": "安宁 祥和 安详",
    "safe": "安心 踏实 放心",
    "curious": "好奇 感兴趣 兴趣",
    "serious": "严肃 认真 郑重 严厉",
    "determined": "坚定 坚决 决心",
    "nostalgic": "怀念 思念 想念 怀旧 留恋 不舍",
    "sad": "悲伤 伤心 难过 悲痛 悲哀 忧伤 伤感 哀伤 悲 哀 心酸 辛酸 悲凉 凄凉 难受",
    "grief": "哀悼 哀痛 悲恸 痛不欲生",
    "heartbroken": "心碎 肝肠寸断 悲痛欲绝",
    "depressed": "抑郁 压抑 消沉 低落 郁闷 忧郁 颓废 情绪低落",
    "gloomy": "阴郁 闷闷不乐 愁眉苦脸 忧愁",
    "disappointed": "失望 失落 扫兴 大失所望",
    "frustrated": "沮丧 挫败 灰心 挫折 泄气 懊恼",
    "despair": "绝望 心灰意冷 万念俱灰",
    "helpless": "无助 无奈 无能为力 束手无策",
    "hopeless": "无望 没有希望",
    "pained": "痛苦 心痛 煎熬 折磨",
    "hurt": "受伤 受伤害",
    "aggrieved": "委屈 冤枉 憋屈",
    "lonely": "孤独 寂寞 孤单 孤寂",
    "regretful": "后悔 遗憾 懊悔 悔恨 惋惜 可惜",
    "guilty": "内疚 愧疚 自责 歉疚 负罪 抱歉 歉意",
    "ashamed": "羞愧 惭愧 羞耻 丢脸 无地自容",
    "humiliated": "屈辱 羞辱 耻辱",
    "embarrassed": "尴尬 难堪 窘迫 不好意思 难为情",
    "shy": "害羞 羞涩 腼腆 羞怯",
    "inferior": "自卑",
    "tired": "疲惫 疲倦 疲劳 劳累 累 困倦",
    "bored": "无聊 厌倦 乏味 枯燥",
    "indifferent": "冷漠 漠然 淡漠 无动于衷 漠不关心",
    "numb": "麻木",
    "angry": "生气 愤怒 气愤 恼怒 恼火 愤慨 怒气 怒 愤恨 发火 发怒 气恼 恼羞成怒 义愤 生闷气",
    "furious": "暴怒 狂怒 大怒 勃然大怒 火冒三丈 怒不可遏 盛怒 怒火中烧",
    "annoyed": "烦恼 心烦 厌烦 烦 不耐烦 烦躁 烦闷",
    "irritated": "急躁 暴躁 恼人 易怒",
    "dissatisfied": "不满 不悦 不快 埋怨 抱怨",
    "unhappy": "不高兴 不开心 不快乐",
    "resentful": "怨恨 怨气 记恨 愤愤不平 不甘",
    "hateful": "憎恨 仇恨 痛恨 恨 憎恶",
    "hostile": "敌意 敌对",
    "aggressive": "挑衅 攻击性 咄咄逼人",
    "jealous": "嫉妒 妒忌 吃醋 眼红",
    "disgusted": "厌恶 恶心 反感 嫌弃 讨厌 作呕 恶 嫌恶 鄙夷",
    "contempt": "轻蔑 鄙视 蔑视 不屑 轻视 藐视",
    "sarcastic": "讽刺 嘲讽 讥讽 嘲弄 嘲笑 挖苦",
    "doubtful": "怀疑 质疑 疑虑 将信将疑",
    "suspicious": "猜疑 多疑 戒备 警惕",
    "afraid": "害怕 恐惧 惧怕 畏惧 惧 怕 胆怯 胆小",
    "terrified": "惊恐 恐慌 惊吓 惊慌 惊骇 毛骨悚然 魂飞魄散 心惊胆战 惊惧",
    "worried": "担心 担忧 忧虑 忧心 牵挂 发愁 顾虑",
    "anxious": "焦虑 焦急 着急 紧张不安 焦躁 心急 坐立不安",
    "nervous": "紧张 局促 拘谨 慌张 慌乱",
    "uneasy": "不安 忐忑 忐忑不安 心神不宁 惶恐 惶惶不安",
    "panicked": "惊慌失措 手足无措 慌",
    "stressed": "压力大 有压力 压力",
    "insecure": "没有安全感 缺乏安全感",
    "hesitant": "犹豫 迟疑 踌躇",
    "surprised": "惊讶 吃惊 惊奇 诧异 惊 意外 惊异 讶异 惊喜",
    "shocked": "震惊 惊愕 惊呆 目瞪口呆 大吃一惊 愕然 难以置信",
    "amazed": "惊叹 赞叹 惊艳",
    "confused": "困惑 疑惑 迷茫 不解 迷惑 茫然 糊涂 懵",
    "neutral": "中性 中立 平淡 无情绪 没有情绪 无表情 面无表情",
}

CHINESE: dict[str, str] = {word: english for english, words in _WORDS.items() for word in words.split()}

# Traditional characters that occur in these words, and the simplified ones the table is written in.
_PAIRS = (
    "傷伤 難难 興兴 樂乐 開开 惱恼 氣气 憤愤 驚惊 詫诧 異异 緊紧 張张 慮虑 擔担 憂忧 愛爱 "
    "親亲 歡欢 滿满 輕轻 鬆松 靜静 鎮镇 煩烦 厭厌 惡恶 噁恶 懼惧 嚇吓 慚惭 憐怜 悶闷 鬱郁 "
    "沒没 無无 奮奋 動动 絕绝 內内 責责 單单 獨独 諷讽 譏讥 驕骄 羨羡 熱热 謝谢 懷怀 質质 "
    "認认 嚴严 肅肃 著着 稱称 戲戏 謔谑 頑顽 潑泼 嚮向 敵敌 對对 壓压 顧顾 淒凄 涼凉 為为 "
    "過过 實实 極极 積积 觀观 戀恋 捨舍 釋释 負负 恥耻 丟丢 臉脸 勞劳 睏困 視视 棄弃 討讨 "
    "亂乱 駭骇 膽胆 訝讶 嘆叹 讚赞 艷艳 豔艳 塗涂 喪丧 尷尴 溫温 寵宠 遺遗 從从 緒绪 慶庆 "
    "揚扬 賞赏 鄭郑 堅坚 決决 舊旧 敗败 歎叹 髮发 發发 義义 燒烧 飛飞 戰战 牽牵 掛挂 寧宁 "
    "躊踌 遲迟 猶犹 點点 覺觉 擊击 釁衅 憫悯 體体 貼贴 關关 賴赖 觸触 閒闲 閑闲"
)
_FOLD = str.maketrans({pair[0]: pair[1] for pair in _PAIRS.split()})

# Words that add a degree or a grammatical form and leave the emotion as it is. A negation is no such word.
_BEFORE = (
    "非常",
    "十分",
    "特别",
    "有点儿",
    "有点",
    "有些",
    "一丝",
    "极度",
    "极其",
    "感到",
    "觉得",
    "表现出",
    "很",
    "太",
    "好",
)
_AFTER = ("的情绪", "的心情", "情绪", "心情", "的", "地", "了", "着", "感", "之情")


def english(word: str) -> str | None:
    """The English emotion word that a Chinese one is read as; None where the table lacks it.

    Simplified and traditional script; words of degree before it and endings after it are set aside. A negated word is
    another word: it is known or unknown by itself, never read as what it denies.

    >>> english("非常高興的"), english("不高兴"), english("不悲伤")
    ('happy', 'unhappy', None)
    """
    text = word.strip().translate(_FOLD)
    for _ in range(4):
        if text in CHINESE:
            return CHINESE[text]
        shorter = _shorter(text)
        if shorter == text:
            return None
        text = shorter
    return CHINESE.get(text)


def _shorter(text: str) -> str:
    for ending in _AFTER:
        if text.endswith(ending) and len(text) > len(ending):
            return text[: -len(ending)]
    for start in _BEFORE:
        if text.startswith(start) and len(text) > len(start):
            return text[len(start) :]
    return text
