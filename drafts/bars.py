"""bars.py FOLDER fe|ft|ft0 SEEDS [swap] : accuracy over seeds for choices of optimiser and rates."""
import os, sys, time
import torch; from torch import nn
torch.set_num_threads(1)
from torchvision.transforms import v2
from utils.vision import SlimVGG16
folder, what, seeds = sys.argv[1], sys.argv[2], int(sys.argv[3]); swap = 'swap' in sys.argv
ROUNDS = int(os.environ.get('ROUNDS', 8))
vary = v2.Compose([v2.RandomHorizontalFlip(), v2.RandomAffine(10, (0.1, 0.1), (0.85, 1.2), interpolation=v2.InterpolationMode.BILINEAR, fill=1.0)])
if not os.path.exists('/tmp/w/x8/pixels.pt'):
    from transformers import ViTImageProcessor
    from utils.pictures import load_pictures; from utils import dataset_path
    P = load_pictures(dataset_path('exotic_animals')); proc = ViTImageProcessor(size={"height": 112, "width": 112}, image_mean=[0.5]*3, image_std=[0.5]*3)
    torch.save({s: (proc(list(P[s]['image']), return_tensors='pt').pixel_values, torch.tensor(P[s]['label'])) for s in ('train', 'test')}, '/tmp/w/x8/pixels.pt')
D = torch.load('/tmp/w/x8/pixels.pt')
(x0, y0), (xt, yt) = (D['test'], D['train']) if swap else (D['train'], D['test'])
torch.manual_seed(0)
x = torch.stack([vary(p) for _ in range(ROUNDS) for p in x0]); y = y0.repeat(ROUNDS)
def load(seed):
    if folder == 'default': torch.manual_seed(1000+seed); return SlimVGG16(28).eval()
    if folder == 'kaiming':
        torch.manual_seed(1000+seed); m = SlimVGG16(28).eval()
        for l in m.modules():
            if isinstance(l, (nn.Conv2d, nn.Linear)): nn.init.kaiming_normal_(l.weight); nn.init.zeros_(l.bias)
    else: m = SlimVGG16.from_pretrained(folder)
    m.classifier[6] = nn.Linear(512, 28); return m
cache = {}
def through(first, seed):
    key = (first, seed if folder in ('default', 'kaiming') else 0)
    if key not in cache:
        cache.clear(); m = load(seed)
        with torch.inference_mode(): cache[key] = [torch.cat([m.features[:first](p) for p in z.split(64)]).clone() for z in (x, xt)]
        if first == 31: cache[key] = [m.avgpool(z).flatten(1) for z in cache[key]]
        cache[key] = [torch.empty_like(z).copy_(z) if not z.is_inference() else torch.from_numpy(z.numpy()) for z in cache[key]]
    return cache[key]
def run(seed, first, opt, new, old, batch, mode=True, sched=None, epochs=2):
    m = load(seed); torch.manual_seed(seed); m.classifier[6] = nn.Linear(512, 28)
    a, b = through(first, seed)
    body = (lambda z: m.classifier(z)) if first == 31 else (lambda z: m.classifier(m.avgpool(m.features[first:](z)).flatten(1)))
    m.requires_grad_(False); m.classifier[6].requires_grad_(True)
    groups = [{'params': list(m.classifier[6].parameters()), 'lr': new}]
    if old is not None:
        rest = [p for n, p in m.named_parameters() if not n.startswith('classifier.6') and (n[0] == 'c' or int(n.split('.')[1]) >= first)]
        for p in rest: p.requires_grad_(True)
        groups.append({'params': rest, 'lr': old})
    o = {'sgd': lambda g: torch.optim.SGD(g, momentum=0.9), 'adam': torch.optim.Adam, 'adamw': torch.optim.AdamW}[opt](groups)
    accs = []
    for e in range(epochs):
        m.train(mode)
        for i in torch.randperm(len(a)).split(batch):
            nn.functional.cross_entropy(body(a[i]), y[i]).backward(); o.step(); o.zero_grad()
        m.eval()
        with torch.inference_mode(): accs.append((body(b).argmax(1) == yt).float().mean().item())
    return accs[-1]
FE = [('sgd', l, None) for l in (1e-3, 1e-2, 3e-2, 1e-1)] + [(o, l, None) for o in ('adam', 'adamw') for l in (3e-4, 1e-3, 3e-3, 1e-2)]
FT = [('adamw', 3e-3, 3e-4), ('adam', 1e-3, 1e-3), ('adam', 1e-3, 1e-4), ('adamw', 3e-3, 1e-3), ('adamw', 1e-2, 1e-4), ('sgd', 1e-2, 1e-2), ('sgd', 3e-2, 3e-3), ('sgd', 3e-3, 3e-3), ('sgd', 1e-1, 1e-2)]
sel = os.environ.get('SEL'); sel = [int(i) for i in sel.split(',')] if sel else None
firsts = [int(f) for f in os.environ.get('FIRSTS', '24').split(',')]
for first in ([31] if what == 'fe' else firsts):
    todo = [(c, b, mode) for c in [c for i, c in enumerate(FE if what == 'fe' else FT) if sel is None or i in sel] for b in [int(b) for b in os.environ.get('BATCH', '16').split(',')] for mode in ([True] if os.environ.get('TRAIN') else [True, False])]
    res = {k: [] for k in range(len(todo))}
    t = time.process_time()
    for seed in range(seeds):  # seeds outside, so that random features are computed once each
        for k, ((opt, new, old), b, mode) in enumerate(todo): res[k].append(run(seed, first, opt, new, old, b, mode))
    for k, (c, b, mode) in enumerate(todo):
        r = torch.tensor(res[k]); print(what, first, *c, 'batch', b, 'train()' if mode else 'eval()', 'swap' if swap else '', f'min {r.min():.3f} mean {r.mean():.3f} max {r.max():.3f}', flush=True)
    print(f'{time.process_time()-t:.0f} s cpu')
