"""The pages of members, spread over the modules of this package."""

from flask import Blueprint

bp = Blueprint("members", __name__)
