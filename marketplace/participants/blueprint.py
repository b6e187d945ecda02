"""The pages of participants, spread over the modules of this package."""

from flask import Blueprint

bp = Blueprint("participants", __name__)
