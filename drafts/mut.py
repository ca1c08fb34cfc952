import os, re, sys, traceback, io, contextlib, time
import utils, utils.checkpoints as c
o = c.checkpoint; F = os.environ['FAKE_VGG']
utils.checkpoint = c.checkpoint = lambda n: F if n == 'vgg16' else o(n)
import torch; torch.set_num_threads(1)
name = sys.argv[1]
text = open(f'/tmp/w/nb/ex_08_{name}.py').read()
BARS = eval(open('/tmp/w/x8/bars').read())[name]
for k, v in BARS.items(): text = re.sub(rf'\b{k}\b', str(v), text)
cells = {}
for part in re.split(r'^# %% ', text, flags=re.M)[1:]:
    head, _, body = part.partition('\n')
    if '[markdown]' in head: continue
    m = re.search(r'(locked|solution|tests)=(\S+)', head); cells[m[2]] = body
G = {}
with contextlib.redirect_stdout(io.StringIO()): exec(cells['set-up'], G); exec(cells['data'], G)
MUT = {
 'feature_extraction': {
  'new-head': [('',''), ('    model.requires_grad_(False)\n    model.classifier[6] = nn.Linear(512, classes)', '    model.classifier[6] = nn.Linear(512, classes)\n    model.requires_grad_(False)'), ('model.requires_grad_(False)','model.features.requires_grad_(False)'), ('if p.requires_grad)',')'), ('nn.Linear(512, classes)','nn.Linear(512, 28)'), ('    model.classifier[6] = nn.Linear(512, classes)','    model.classifier[6].requires_grad_(True)')],
  'loops': [('',''), ('        optimizer.zero_grad()\n',''), ('    model.train()\n',''), ('    model.eval()\n',''), ('        optimizer.step()\n',''), ('.item() * len(labels)','.item() * 4'), ('with torch.inference_mode():','if True:'), ('        optimizer.step()\n        optimizer.zero_grad()\n','        optimizer.zero_grad()\n        optimizer.step()\n'), ('total / n, right / n\n    ### END SOLUTION\n\n\ndef','total / n, right / len(loader)\n    ### END SOLUTION\n\n\ndef')],
  'save': [('',''), ('save_file(model.classifier[6].state_dict(), path)','save_file({k: v.contiguous() for k, v in model.state_dict().items()}, path)'), ('return model.eval()','return model.train()'), (', len(head["bias"]))',', 28)'), ('    model.classifier[6].load_state_dict(head)\n','')],
  'predict': [('',''), ('to_rgb(picture)','picture.convert("RGB")'), ('Image.Resampling.BILINEAR','Image.Resampling.NEAREST'), ('Image.Resampling.BILINEAR','Image.Resampling.BICUBIC'), ('Image.Resampling.BILINEAR','Image.Resampling.LANCZOS'), ('/ 127.5 - 1','/ 255'), ('/ 127.5 - 1','/ 127.5'), ('.permute(2, 0, 1)','.reshape(3, 112, 112)'), ('.permute(2, 0, 1)','.permute(2, 1, 0)'), ('.permute(2, 0, 1)','.permute(2, 0, 1).flip(0)'), ('    model.eval()\n',''), ('logits.softmax(dim=-1)[0]','logits[0]'), ('[None]',''), ('probabilities[best].item()','probabilities[best]'), ('to_rgb(picture).resize(','ImageOps.fit(to_rgb(picture), ')],
 },
 'fine_tuning': {
  'pretrained': [('',''), ('[:first]','[:first + 1]'), ('[:first]','[first:]'), ('    model.requires_grad_(True)\n','    model.requires_grad_(True)\n    model.classifier[:6].requires_grad_(False)\n'), ('SlimVGG16.from_pretrained(checkpoint("vgg16"))','SlimVGG16()'), ('    model.features[:first].requires_grad_(False)\n','')],
  'groups': [('',''), ('p.requires_grad and ',''), (' and not name.startswith("classifier.6.")',''), ('"lr": new_rate}, {"params": old, "lr": old_rate','"lr": old_rate}, {"params": old, "lr": new_rate'), ('not name.startswith("classifier.6.")','not name.startswith("classifier.")')],
  'train': [('',''), ('                    optimizer.zero_grad()\n',''), ('model.train(training)','model.train()'), ('torch.set_grad_enabled(training)','torch.enable_grad()'), ('            model.train(training)\n','            model.train(training and epoch == 0)\n'), ('.item() * len(labels)','.item() * 4'), ('                    optimizer.step()\n',''), ('        print(','        str(')],
  'predict': [('',''), ('to_rgb(Image.open(path))','Image.open(path).convert("RGB")'), ('to_rgb(Image.open(path))','Image.open(path)'), ('    names = json.loads((Path(folder) / "names.json").read_text())\n',''), ('.eval()','.train()'), ('.softmax(dim=-1)',''), ('topk(k)','topk(3)'), ('topk(k)','topk(k, sorted=False)'), ('to_rgb(Image.open(path))','to_rgb(Image.open(path)).resize((112, 112))'), ('processor(to_rgb(Image.open(path)), return_tensors="pt").pixel_values','(processor(to_rgb(Image.open(path)), return_tensors="pt").pixel_values + 1) / 2'), ('processor(to_rgb(Image.open(path)), return_tensors="pt").pixel_values','processor(to_rgb(Image.open(path)), return_tensors="pt").pixel_values[:, [2, 1, 0]]'), ('model.save_pretrained(folder)','SlimVGG16(4).save_pretrained(folder)')],
 }}[name]
from PIL import ImageOps; G['ImageOps'] = ImageOps
for task, muts in MUT.items():
    for x, y in muts:
        src = cells[task]; assert x in src, x
        src = src.replace(x, y) if x else src
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(src, 'sol', 'exec'), G)
                where = 'visible'
                t = cells['test-' + task]; i = t.index('### BEGIN HIDDEN')
                exec(compile(t[:i], 'test', 'exec'), G); where = 'hidden'
                exec(compile(t[i:], 'test', 'exec'), G)
            print(f'{task}: {"right" if not x else "NOT CAUGHT"}: {x!r} -> {y!r}')
        except Exception as e:
            print(f'{task}: {where}: {type(e).__name__} {str(e)[:150]} <- {y[:60]!r}' if x else f'{task}: RIGHT FAILS {where} {e!r}')
