"""The screen: everything a parent sees and touches. The only package that imports Kivy.

Importing it sets Kivy up, so it comes before any `import kivy` of a program.
"""

from kiosk.ui import toolkit

toolkit.prepare()

from kiosk.ui import shaping  # noqa: E402 (imports Kivy, which reads its environment then)

shaping.install()
