import sys, torch
sys.path.insert(0, '/work/main/data/recipes')
from torch import nn
from utils.vision import SlimVGG16, fuse_batch_norm
state = torch.load('/work/main/.cache/recipes/vision/vgg16.pt', weights_only=True)
m = SlimVGG16(256, batch_norm=True, dropout=0.0)
m.load_state_dict({k[6:]: v for k, v in state['student'].items() if k.startswith('model.')})
m.eval(); f = fuse_batch_norm(m).half(); f.save_pretrained(sys.argv[1]); print('step', state['step'])
