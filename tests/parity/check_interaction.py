"""Turn-taking, synchrony, gaze and emotional influence."""

from mien.metrics.gaze import gaze
from mien.metrics.influence import best_lag, convergence, inertia, label_profile
from mien.metrics.synchrony import (
    cross_correlation,
    dtw_distance,
    recurrence_profile,
    recurrence_rate,
    standardise,
    windowed_correlation,
)
from mien.metrics.turns import conversation

from .compare import compare


def turns(case):
    config = case["config"]
    options = {key: config[key] for key in ("min_pause", "duration", "frame") if key in config}
    talk = conversation(case["inputs"]["segments"], **options)
    lengths = sorted(talk.offsets)
    middle = len(lengths) // 2
    found = {
        "ipus": {name: [list(span) for span in spans] for name, spans in talk.units.items()},
        "speaking_time": talk.speaking,
        "speaking_share": talk.shares,
        "participation_entropy": talk.entropy,
        "silence_share": talk.silence,
        "overlap_share": talk.overlap,
        "turns": [{"speaker": turn.speaker, "start": turn.start, "end": turn.end} for turn in talk.turns],
        "n_turns": len(talk.turns),
        "floor_transfers": [{"frm": one.giver, "to": one.taker, "offset": one.offset} for one in talk.transfers],
        "within_overlaps": sum(talk.within.values()),
        "mean_offset": sum(lengths) / len(lengths) if lengths else float("nan"),
        "median_offset": (lengths[middle] + lengths[~middle]) / 2 if lengths else float("nan"),
        "gap_share": talk.gap_share,
        "overlap_transition_share": talk.overlap_share,
        "mean_turn_length": talk.turn_length,
        "dominance": talk.dominance,
    }
    compare(case, found)


def _lags(profile):
    return max(int(lag) for lag in profile)


def synchrony(case):
    config, inputs, expected = case["config"], case["inputs"], case["expected"]
    x, y, lag = inputs["x"], inputs["y"], config["max_lag"]
    whole = cross_correlation(x, y, max_lag=lag)
    windows = windowed_correlation(x, y, window=config["window"], step=config["step"], max_lag=lag)
    short = config["dtw_samples"]
    radius = config["recurrence_radius"]
    assert config["std"] == "population"
    profile = recurrence_profile(x, y, max_lag=_lags(expected["diagonal_recurrence_profile"]), radius=radius)
    look = gaze(inputs["gaze_a"], inputs["gaze_b"], rate=config["fs"], min_episode=config.get("min_episode", 0.0))
    found = {
        "pearson": cross_correlation(x, y, max_lag=0).peak,
        "global_cross_correlation": _told(whole),
        "windowed": {
            "starts": [start for start, _ in windows],
            "r": [list(one.r) for _, one in windows],
            "peak_lag": [one.peak_lag for _, one in windows],
            "peak_r": [one.peak for _, one in windows],
        },
        "dtw_distance": dtw_distance(standardise(x)[:short], standardise(y)[:short]),
        "recurrence_rate": recurrence_rate(x, y, radius=radius),
        "diagonal_recurrence_profile": {str(key): value for key, value in profile.items()},
        "gaze": {
            "mutual_share": look.mutual,
            "joint_share": look.joint,
            "mutual_expected": look.expected,
            "mutual_episodes": len(look.episodes),
        },
    }
    compare(case, found)


def _told(found):
    return {"lags": list(found.lags), "r": list(found.r), "peak_lag": found.peak_lag, "peak_r": found.peak}


def influence(case):
    inputs, expected = case["inputs"], case["expected"]
    table = inertia(inputs["speakers"], inputs["turn_labels"], order=case["config"]["labels"])
    profile = label_profile(inputs["track_x"], inputs["track_y"], max_lag=_lags(expected["lag_profile"]))
    found = {
        "intra_speaker_inertia": table.intra,
        "inter_speaker_inertia": table.inter,
        "n_intra": table.n_intra,
        "n_inter": table.n_inter,
        "transition_counts": table.counts.tolist(),
        "transition_probabilities": table.probabilities.tolist(),
        "lag_profile": {str(lag): {"match": one.match, "kappa": one.kappa, "n": one.n} for lag, one in profile.items()},
        "best_lag": best_lag(profile),
        "convergence_r": convergence(inputs["distance_per_turn"]),
    }
    compare(case, found)


CHECKS = {"social-turns": turns, "social-synchrony": synchrony, "social-influence": influence}
