# SPDX-FileCopyrightText: The CrossTrace authors
# SPDX-License-Identifier: BSD-3-Clause
"""Models of real libraries, with random weights and small: what export_libraries.py exports.

`models()` gives (name, kinds, make, specs) of all libraries that are installed: `kinds` has s for a script and t for a trace,
`specs` are what `--input` is given, and what a trace is made with.
"""

import importlib.util

import torch
from torch import nn

IMAGE = ["float32[1,3,64,64]"]
BIG = ["float32[1,3,224,224]"]
TOKENS = ["int64[1,12]=0..99"]
SOUND = ["float32[1,16000]"]


def of_torch():
    sequence, image = ["float32[5,2,8]"], ["float32[2,4,8,8]"]
    layer = {"d_model": 8, "nhead": 2, "dim_feedforward": 16, "batch_first": True}
    yield "lstm", "t", lambda: nn.LSTM(8, 6), sequence
    yield "gru", "t", lambda: nn.GRU(8, 6, num_layers=2, bidirectional=True), sequence
    yield "rnn", "t", lambda: nn.RNN(8, 6), sequence
    yield "encoder", "st", lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(**layer), 2), ["float32[2,5,8]"]
    yield "decoder", "t", lambda: nn.TransformerDecoder(nn.TransformerDecoderLayer(**layer), 2), ["float32[2,5,8]", "float32[2,7,8]"]
    yield "transformer", "t", lambda: nn.Transformer(8, 2, 1, 1, 16, batch_first=True), ["float32[2,5,8]", "float32[2,7,8]"]
    yield "embedding", "st", lambda: nn.Embedding(100, 8), TOKENS
    yield "conv", "st", lambda: nn.Sequential(nn.Conv2d(4, 6, 3, padding="same"), nn.GroupNorm(2, 6), nn.SiLU()), image
    yield "transposed", "st", lambda: nn.Sequential(nn.ConvTranspose2d(4, 6, 3), nn.InstanceNorm2d(6), nn.Hardswish()), image
    yield "pool", "st", lambda: nn.Sequential(nn.AdaptiveAvgPool2d(3), nn.Flatten(), nn.Linear(36, 5), nn.LogSoftmax(1)), image
    yield "upsample", "st", lambda: nn.Sequential(nn.Upsample(scale_factor=2, mode="bilinear"), nn.PixelShuffle(2)), image
    yield "norms", "st", lambda: nn.Sequential(nn.LayerNorm(8), nn.RMSNorm(8), nn.Dropout(0.3), nn.PReLU()), image
    yield "bilinear", "st", lambda: nn.Bilinear(4, 6, 5), ["float32[2,4]", "float32[2,6]"]
    yield "distance", "st", lambda: nn.PairwiseDistance(), ["float32[2,4]", "float32[2,4]"]
    yield "loss", "st", lambda: nn.CrossEntropyLoss(weight=torch.rand(5)), ["float32[3,5]", "int64[3]=0..4"]


def of_torchvision():
    from torchvision import models, transforms
    from torchvision.transforms import _presets as presets

    for name in ["alexnet", "squeezenet1_1", "mobilenet_v2", "mobilenet_v3_small", "shufflenet_v2_x0_5", "mnasnet0_5", "resnet18",
                 "efficientnet_b0", "regnet_y_400mf", "densenet121"]:
        yield name, "st", lambda name=name: models.get_model(name, weights=None), IMAGE
    for name in ["googlenet", "inception_v3", "swin_t", "maxvit_t", "vit_b_32"]:
        extra = {"aux_logits": False, "init_weights": False} if name in ("googlenet", "inception_v3") else {}
        yield name, "t", lambda name=name, extra=extra: models.get_model(name, weights=None, **extra), BIG
    for name in ["lraspp_mobilenet_v3_large", "deeplabv3_mobilenet_v3_large"]:
        yield name, "s", lambda name=name: models.get_model(name, weights=None, weights_backbone=None), IMAGE
    for name in ["r3d_18", "mc3_18", "r2plus1d_18"]:
        yield name, "st", lambda name=name: models.get_model(name, weights=None), ["float32[1,3,4,32,32]"]
    yield "mvit_v1_b", "t", lambda: models.get_model("mvit_v1_b", weights=None), ["float32[1,3,16,224,224]"]
    for name in ["ssdlite320_mobilenet_v3_large", "fasterrcnn_mobilenet_v3_large_320_fpn", "retinanet_resnet50_fpn", "fcos_resnet50_fpn",
                 "maskrcnn_resnet50_fpn", "keypointrcnn_resnet50_fpn"]:
        yield name, "s", lambda name=name: models.get_model(name, weights=None, weights_backbone=None), ["list(float32[3,96,96]=0..1)"]
    yield "preset_image", "st", lambda: presets.ImageClassification(crop_size=32, resize_size=40), ["float32[1,3,64,64]=0..1"]
    yield "preset_segmentation", "st", lambda: presets.SemanticSegmentation(resize_size=40), ["float32[1,3,64,64]=0..1"]
    yield "preset_video", "st", lambda: presets.VideoClassification(crop_size=(32, 32), resize_size=(40, 40)), ["float32[1,4,3,64,64]=0..1"]
    yield "preset_flow", "st", presets.OpticalFlow, ["float32[1,3,64,64]=0..1", "float32[1,3,64,64]=0..1"]
    color = ["float32[3,16,16]=0..1"]
    yield "normalize", "st", lambda: transforms.Normalize([0.5] * 3, [0.2] * 3), color
    yield "linear_transformation", "st", lambda: transforms.LinearTransformation(torch.eye(48) * 2, torch.rand(48)), ["float32[3,4,4]=0..1"]
    yield "crop", "st", lambda: nn.Sequential(transforms.CenterCrop(8), transforms.Pad(2), transforms.Grayscale()), color
    yield "resize", "st", lambda: transforms.Resize([8, 8], antialias=True), color
    yield "blur", "t", lambda: transforms.GaussianBlur(3, sigma=1.5), color
    yield "flip", "s", lambda: transforms.RandomHorizontalFlip(1.0), color
    yield "erase", "s", lambda: transforms.RandomErasing(p=0.0), color


def of_timm():
    import timm

    for name in timm.list_models("test_*"):
        yield name, "st", lambda name=name: timm.create_model(name, num_classes=7), ["float32[1,3,160,160]"]
    for name in ["efficientvit_m0", "mvitv2_tiny", "tiny_vit_5m_224", "gcvit_xxtiny", "pvt_v2_b0", "xcit_nano_12_p16_224", "levit_128s",
                 "mobilevit_xxs", "edgenext_xx_small", "visformer_tiny", "pit_ti_224", "crossvit_tiny_240", "convit_tiny", "cait_xxs24_224",
                 "coat_tiny", "poolformer_s12", "sequencer2d_s", "volo_d1_224", "twins_svt_small", "swinv2_cr_tiny_224"]:
        size = 240 if name.endswith("240") else 224
        yield name, "t", lambda name=name: timm.create_model(name, num_classes=7), [f"float32[1,3,{size},{size}]"]


def of_torchaudio():
    from torchaudio import models, transforms

    spectrogram = ["float32[1,32,20]=0..1"]
    yield "spectrogram", "st", lambda: transforms.Spectrogram(64), SOUND
    yield "mel", "st", lambda: transforms.MelSpectrogram(16000, n_fft=400, n_mels=20), SOUND
    yield "mfcc", "st", lambda: transforms.MFCC(16000, 13, melkwargs={"n_mels": 20}), SOUND
    yield "lfcc", "st", lambda: transforms.LFCC(16000), SOUND
    yield "resample", "st", lambda: transforms.Resample(16000, 8000), SOUND
    yield "decibels", "st", transforms.AmplitudeToDB, spectrogram
    yield "mel_scale", "st", lambda: transforms.MelScale(8, 16000, n_stft=32), spectrogram
    yield "mulaw", "st", transforms.MuLawEncoding, ["float32[1,100]=-1..1"]
    yield "fade", "st", lambda: transforms.Fade(10, 10), SOUND
    yield "deltas", "st", transforms.ComputeDeltas, spectrogram
    yield "frequency_masking", "s", lambda: transforms.FrequencyMasking(8), spectrogram
    yield "time_masking", "s", lambda: transforms.TimeMasking(8), spectrogram
    yield "volume", "st", lambda: transforms.Vol(0.5), SOUND
    yield "centroid", "st", lambda: transforms.SpectralCentroid(16000), SOUND
    yield "wav2letter", "st", lambda: models.Wav2Letter(num_classes=5), ["float32[1,1,4000]"]
    yield "convtasnet", "st", lambda: models.ConvTasNet(enc_num_feats=16, msk_num_feats=8, msk_num_hidden_feats=8, msk_num_layers=2), ["float32[1,1,4000]"]
    yield "conformer", "s", lambda: models.Conformer(16, 2, 16, 1, 3), ["float32[1,20,16]", "int64[1]=20..20"]
    yield "emformer", "s", lambda: models.Emformer(16, 2, 16, 1, 4, right_context_length=2), ["float32[1,20,16]", "int64[1]=20..20"]
    yield "tacotron2", "s", lambda: models.Tacotron2(n_symbol=20, decoder_max_step=3), ["int64[1,6]=0..19", "int64[1]=6..6", "float32[1,80,5]", "int64[1]=5..5"]


def of_transformers():
    import transformers as t

    small = {"vocab_size": 100, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32,
             "max_position_embeddings": 64, "attn_implementation": "eager"}
    for name in ["Bert", "Roberta", "Electra", "Albert", "RoFormer", "MPNet", "XLMRoberta", "Camembert", "Ernie", "Nystromformer"]:
        def make(name=name):
            extra = {"embedding_size": 16} if name in ("Electra", "Albert", "RoFormer") else {}
            return First(getattr(t, name + "Model")(getattr(t, name + "Config")(**small, **extra)))
        yield name.lower(), "t", make, TOKENS
    sizes = {"image_size": 32, "patch_size": 8, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32,
             "attn_implementation": "eager"}
    for name in ["ViT", "DeiT", "Beit", "Dinov2"]:
        yield name.lower(), "t", lambda name=name: First(getattr(t, name + "Model")(getattr(t, name + "Config")(**sizes))), ["float32[1,3,32,32]"]
    yield "clip_vision", "t", lambda: First(t.CLIPVisionModel(t.CLIPVisionConfig(**sizes))), ["float32[1,3,32,32]"]
    decoder = small | {"num_key_value_heads": 2, "use_cache": False}
    for name in ["Llama", "Mistral", "Qwen2", "Gemma", "GPTNeoX"]:
        yield name.lower(), "t", lambda name=name: First(getattr(t, name + "Model")(getattr(t, name + "Config")(**decoder))), TOKENS
    yield "gpt2", "t", lambda: First(t.GPT2Model(t.GPT2Config(vocab_size=100, n_embd=16, n_layer=2, n_head=2, use_cache=False))), TOKENS
    yield "distilbert", "t", lambda: First(t.DistilBertModel(t.DistilBertConfig(vocab_size=100, dim=16, n_layers=2, n_heads=2, hidden_dim=32))), TOKENS
    yield "resnet", "t", lambda: First(t.ResNetModel(t.ResNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1]))), IMAGE


class First(nn.Module):
    """What a trace can hold of an answer with names: its first tensor."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        return self.model(x, return_dict=False)[0]


def of_einops():
    from einops.layers.torch import EinMix, Rearrange, Reduce

    image = ["float32[2,4,8,8]"]
    yield "patches", "st", lambda: nn.Sequential(Rearrange("b c (h p) (w q) -> b (h w) (c p q)", p=2, q=2), nn.Linear(16, 5)), image
    yield "flatten", "st", lambda: Rearrange("b c h w -> b (c h w)"), image
    yield "mean", "st", lambda: Reduce("b c h w -> b c", "mean"), image
    yield "max", "st", lambda: Reduce("b c (h p) (w q) -> b c h w", "max", p=2, q=4), image
    yield "mix", "t", lambda: EinMix("b c h w -> b d h w", weight_shape="c d", bias_shape="d", c=4, d=6), image


def of_e3nn():
    from e3nn import nn as enn
    from e3nn import o3

    features = ["float32[5,16]"]
    yield "linear", "t", lambda: o3.Linear("4x0e+4x1o", "3x0e+2x1o"), features
    yield "product", "t", lambda: o3.FullyConnectedTensorProduct("4x0e+4x1o", "1x0e+1x1o", "2x0e+2x1o"), ["float32[5,16]", "float32[5,4]"]
    yield "harmonics", "st", lambda: o3.SphericalHarmonics([0, 1, 2], normalize=True), ["float32[5,3]"]
    yield "norm", "t", lambda: o3.Norm("4x0e+4x1o"), features
    yield "batch_norm", "t", lambda: enn.BatchNorm("4x0e+4x1o"), features
    yield "fully_connected", "t", lambda: enn.FullyConnectedNet([16, 8, 4], torch.relu), features
    yield "gate", "t", lambda: enn.Gate("4x0e", [torch.relu], "4x0e", [torch.sigmoid], "4x1o"), ["float32[5,20]"]


def of_torch_geometric():
    from torch_geometric import nn as gnn

    graph = ["float32[6,8]", "int64[2,12]=0..5"]
    for name in ["GCNConv", "SAGEConv", "GraphConv", "GATConv", "GATv2Conv", "TAGConv", "ARMAConv", "SGConv", "LEConv", "ClusterGCNConv",
                 "FeaStConv", "SuperGATConv", "MFConv", "TransformerConv"]:
        yield name.lower(), "t", lambda name=name: getattr(gnn, name)(8, 4), graph
    yield "ginconv", "t", lambda: gnn.GINConv(nn.Linear(8, 4)), graph
    yield "chebconv", "t", lambda: gnn.ChebConv(8, 4, K=2), graph
    yield "dense_gcn", "t", lambda: gnn.DenseGCNConv(8, 4), ["float32[1,6,8]", "float32[1,6,6]=0..1"]
    yield "dense_sage", "t", lambda: gnn.DenseSAGEConv(8, 4), ["float32[1,6,8]", "float32[1,6,6]=0..1"]
    yield "gcn", "t", lambda: gnn.GCN(8, 8, 2, 4), graph


def models():
    for library, of in [("torch", of_torch), ("torchvision", of_torchvision), ("timm", of_timm), ("torchaudio", of_torchaudio),
                        ("transformers", of_transformers), ("einops", of_einops), ("e3nn", of_e3nn), ("torch_geometric", of_torch_geometric)]:
        if importlib.util.find_spec(library) is None:
            print(f"{library} is not installed: its models are left out")
            continue
        for name, kinds, make, specs in of():
            yield f"{library}_{name}", kinds, make, specs
