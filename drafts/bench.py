import time, torch
torch.set_num_threads(1)
from torch import nn
from torchvision.transforms import v2
from utils.vision import SlimVGG16
torch.manual_seed(0)
m = SlimVGG16(28)
print(sum(p.numel() for p in m.parameters()), [(n,sum(p.numel() for p in c.parameters())) for n,c in m.named_children()])
x = torch.rand(64,3,112,112); y=torch.randint(28,(64,))
def t(f,n=3):
    best=9
    for _ in range(n):
        a=time.process_time(); f(); best=min(best,time.process_time()-a)
    return best/64*1000
def inf():
    with torch.inference_mode():
        for p in x.split(32): m(p)
print('infer ms/pic', t(inf))
xs=x
def tr():
    for p,q in zip(x.split(16),y.split(16)):
        nn.functional.cross_entropy(m(p),q).backward()
print('full fwd+bwd', t(tr))
m.requires_grad_(False); m.classifier[6].requires_grad_(True)
print('head only', t(tr))
m.features[24:].requires_grad_(True); m.classifier.requires_grad_(True)
print('last block+classifier', t(tr))
vary = v2.Compose([v2.RandomHorizontalFlip(), v2.RandomAffine(10, translate=(0.1, 0.1), scale=(0.85, 1.2), interpolation=v2.InterpolationMode.BILINEAR, fill=1.0)])
print('vary', t(lambda:[vary(p) for p in x]))
