from mien.analysis.models import models, terms


def test_every_shipped_model_says_what_it_reads_on_which_terms():
    found = {model.id: model for model in models()}
    assert {model.reads for model in found.values()} == {"audio", "face", "text", "signal", "voice"}
    for model in found.values():
        assert model.terms
        assert len(model.summary) > 20
        assert terms(model.id) == model.terms


def test_weights_whose_data_forbid_commercial_use_say_so():
    assert not {model.reads: model for model in models()}["audio"].commercial


def test_all_weights_together_stay_small():
    assert sum(model.bytes for model in models()) <= 20e6
