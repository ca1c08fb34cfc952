import sys, tempfile, re
sys.path[:0] = ['/work/main/tests']
from pathlib import Path
import nbformat, test_exercises as T
from notebook_checks import CHECKS
from test_notebooks import LESSONS_ONLY
folder = Path(sys.argv[1]); paths = sorted(folder.glob('*.ipynb'))
for p in paths:
    T.test_tasks_and_points(p); print(p.stem, 'points ok')
    nb = nbformat.read(p, 4); nbformat.validate(nb)
    for c in CHECKS:
        if c not in LESSONS_ONLY and not (c.__name__ == 'executed_in_order' and 'noexec' in sys.argv):
            for problem in c(nb, p): print(c.__name__, problem)
if 'static' in sys.argv: sys.exit()
course = Path(tempfile.mkdtemp(dir='/tmp/w/x8'))
src = {p.stem: nbformat.read(p, 4) for p in paths}
ed = T.release(course, src, '08_exotic_animals_vgg16')
solved = {n: T.filled_in(ed[n], s) for n, s in src.items()}
scores = T.grade(course, '08_exotic_animals_vgg16', {'untouched': ed, 'solved': solved})
for s, per in scores.items():
    for n, g in per.items(): print(s, n, g)
for n in src:
    e = type('E', (), dict(source=src[n], edition=ed[n], scores={s: per[n] for s, per in scores.items()}))
    T.test_student_edition_holds_no_solution(e); T.test_untouched_it_scores_nothing(e); T.test_solved_it_scores_everything_that_a_program_grades(e)
print('all right', course)
