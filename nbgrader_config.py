"""Settings of nbgrader, which reads them when it is started in this folder (docs/instructors.md).

Sources with solutions are in notebooks/exercises; everything that nbgrader makes goes to grading/, which git ignores.
"""

import os
import sys
from pathlib import Path

import nbgrader

ROOT = Path(__file__).resolve().parent
GRADING = ROOT / "grading"
GRADING.mkdir(exist_ok=True)  # SQLite does not make the folder of its database

# nbgrader starts a program called alembic, which is found even if the environment was not activated.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

c = get_config()  # noqa: F821 (nbgrader hands it to this file)

c.CourseDirectory.course_id = "transfer-learning"
c.CourseDirectory.root = str(ROOT)
c.CourseDirectory.source_directory = "notebooks/exercises"
for step in ("source_with_tests", "release", "submitted", "autograded", "feedback", "solution"):
    c.CourseDirectory[f"{step}_directory"] = f"grading/{step}"
c.CourseDirectory.db_url = f"sqlite:///{GRADING / 'gradebook.db'}"
c.ZipCollectApp.downloaded_directory = "grading/downloaded"
c.ExportPlugin.to = str(GRADING / "grades.csv")
c.ExportApp.plugin_class = "utils.grading.grades.ExportWithStatus"

# In the student edition only solution cells can be edited, and none of the cells deleted (new ones can be added).
c.LockCells.lock_all_cells = True
# A cell may take this long; then it is stopped and gets no points.
c.ExecuteFairly.timeout = 120
# A deleted test cell comes back; without this it is not run and has no score.
c.OverwriteCells.add_missing_cells = True
# nbgrader gives 0 points to a test cell that writes to stderr. Here only an error does so: a warning costs nothing.
c.IgnorePattern.enabled = True
c.IgnorePattern.pattern = "."
# nbgrader's own steps, with two replaced and one added.
c.Autograde.autograde_preprocessors = [
    "utils.grading.execute.ExecuteFairly",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "utils.grading.execute.SaveGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "utils.grading.feedback.Harmless",
    "nbgrader.preprocessors.CheckCellMetadata",
]
# The Formgrader's marking page does without the network; the other templates are nbgrader's own.
FORMGRADER = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader"
c.HTMLExporter.extra_template_basedirs = [str(ROOT / "utils/grading/templates"), str(FORMGRADER / "templates")]
# Feedback shows no hidden test, and needs no network.
c.GenerateFeedback.exporter_class = "utils.grading.feedback.OfflineHTML"
c.GenerateFeedback.preprocessors = [
    "utils.grading.feedback.HideTests",
    "utils.grading.feedback.GetGradesSoFar",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
