"""VAEmo: the terms of both stages."""

import pytest

from .compare import compare


def loss(case):
    torch = pytest.importorskip("torch")
    from mien.research.systems.vaemo.contrast import info_nce, reconstruction, retrieval

    config, inputs = case["config"], case["inputs"]
    assert set(config) == {"temperature", "contrastive", "reconstruction"}, "no check knows a further option"
    assert config["contrastive"] == "symmetric InfoNCE, L2-normalised, in-batch negatives"
    assert config["reconstruction"] == (
        "mean squared error on masked patches only, per-patch normalised target (unbiased variance, eps 1e-6)"
    )
    names = ("visual", "audio", "text", "fused", "patch_target", "patch_prediction", "mask_1_is_masked")
    v, a, t, f, target, prediction, mask = (torch.tensor(inputs.pop(name), dtype=torch.float64) for name in names)
    assert not inputs, f"no check knows {sorted(inputs)}"
    heat = config["temperature"]
    paths = [info_nce(one, t, heat).item() for one in (v, a)]
    compare(
        case,
        {
            "stage1_contrastive_visual_audio": info_nce(v, a, heat).item(),
            "in_batch_top1_visual_to_audio": retrieval(v, a),
            "reconstruction_normalised_target": reconstruction(prediction, target, mask > 0).item(),
            "reconstruction_raw_target": reconstruction(prediction, target, mask > 0, normalise=False).item(),
            "stage2_visual_text": paths[0],
            "stage2_audio_text": paths[1],
            "stage2_dual_path_mean": sum(paths) / 2,
            "stage2_fused_text": info_nce(f, t, heat).item(),
        },
    )


CHECKS = {"vaemo-loss": loss}
