"""Time as people read it."""

from __future__ import annotations


def stamp(time: float, clock: str = "seconds", decimals: int = 0) -> str:
    """A point in time: "02:14", "1:02:14", "02:14.5" with decimals; "line 3" on the clock of lines."""
    if clock == "lines":
        return f"line {int(time) + 1}"
    unit = 10**decimals
    total = int(max(time, 0.0) * unit + 1e-6)
    minutes, rest = divmod(total, 60 * unit)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{rest // unit:02d}" + (f".{rest % unit:0{decimals}d}" if decimals else "")
    return f"{hours}:{minutes:02d}:{seconds}" if hours else f"{minutes:02d}:{seconds}"


def length(duration: float | None, clock: str = "seconds") -> str:
    """A duration in words: "6 min 12 s", "2 h 03 min", "4.2 s", "12 lines"; "" if unknown or a still."""
    if not duration:
        return ""
    if clock == "lines":
        return "1 line" if round(duration) == 1 else f"{round(duration)} lines"
    if duration < 10:
        return f"{duration:.1f} s"
    minutes, seconds = divmod(round(duration), 60)
    if minutes < 60:
        return f"{minutes} min {seconds:02d} s" if minutes else f"{seconds} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def percent(share: float) -> str:
    """A share in [0, 1] as "13 %"."""
    return f"{100 * share:.0f} %"
