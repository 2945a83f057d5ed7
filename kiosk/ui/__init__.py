"""The screen: everything a parent sees and touches. The only package that imports Kivy."""

from kiosk.ui import toolkit

toolkit.prepare()
