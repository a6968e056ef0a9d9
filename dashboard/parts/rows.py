"""Rows of a list, one line high each, so that twenty-five of them fit on a screen; their subject is their link."""

from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

#: Narrower than this, a line has no room for all of a row: its cells may be higher.
_ROOM: Final = "1000px"

_LIST: Final = '[class*="st-key-"][class*="-rows"]'
_STYLE: Final = f"""<style>
{_LIST}:not(:has([data-testid^=stBidiComponent])) {{ padding: .25rem .8rem; }}
{_LIST} [data-testid=stHorizontalBlock] {{
  gap: .5rem; min-height: 1.5rem; border-top: 1px solid color-mix(in srgb, currentColor 9%, transparent);
}}
{_LIST} > :first-child [data-testid=stHorizontalBlock] {{ border-top: 0; }}
{_LIST} [data-testid=stHorizontalBlock] [data-testid=stHorizontalBlock] {{ border-top: 0; min-height: 0; }}
{_LIST} [data-testid=stHorizontalBlock]:hover {{ background: color-mix(in srgb, currentColor 5%, transparent); }}
{_LIST} [data-testid=stHorizontalBlock] [data-testid=stVerticalBlock] {{ gap: .2rem; }}
{_LIST} [class*="st-key-called-"] {{ padding-left: 1.5rem; }}
{_LIST} button {{ min-height: 1.3rem; padding: 0; max-width: 100%; justify-content: start; }}
{_LIST} p, {_LIST} [data-testid=stHtml] {{ font-size: .875rem; line-height: 1.35; margin: 0; }}
{_LIST} [data-testid=stMarkdownContainer] {{ margin: 0; min-width: 0; }}
{_LIST} [data-testid=stCaptionContainer] {{ margin: 0; }}
{_LIST} [data-testid=stCaptionContainer] p {{ font-size: .8rem; }}
{_LIST} [data-testid=stExpander] summary {{ padding: .12rem .4rem; }}
{_LIST} [data-testid=stExpander] details {{ border-width: 0; border-top-width: 1px; border-radius: 0; }}
{_LIST} > :first-child [data-testid=stExpander] details {{ border-top-width: 0; }}
{_LIST} [data-testid=stButton] {{ display: flex; }}
{_LIST} [data-testid=stPageLink] a {{ padding: 0; min-height: 1.3rem; margin: 0; }}
{_LIST} [data-testid=stCheckbox], {_LIST} [data-testid=stCheckbox] label {{
  min-height: 0; height: 1.3rem; margin: 0; align-items: center;
}}
{_LIST} [class*="-sort-"] p {{ white-space: normal; line-height: 1.2; text-align: left; }}
{_LIST} > [data-testid=stElementContainer]:has([data-testid=stMarkdown], [data-testid=stPageLink]) {{
  padding: .2rem 0;
}}
@media (max-width: {_ROOM}) {{
  {_LIST} [data-testid=stPageLink] p, {_LIST} summary p {{
    white-space: normal; overflow-wrap: anywhere; display: -webkit-box; -webkit-box-orient: vertical;
    -webkit-line-clamp: 3; overflow: hidden;
  }}
  {_LIST} [data-testid=stElementContainer]:has([data-testid=stPageLink]) {{ margin: 0; }}
  {_LIST} [class*="-sort-"] p, {_LIST} [class*="-sort-"] p * {{ font-size: .7rem; overflow-wrap: normal; }}
}}
@media (min-width: {_ROOM}) {{
  {_LIST} [data-testid=stHorizontalBlock] {{ flex-wrap: nowrap; }}
  {_LIST} [data-testid=stColumn] {{ min-width: 0; }}
  {_LIST} [data-testid=stHorizontalBlock] p, {_LIST} summary p {{
    overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
  }}
}}
</style>"""


def of(name: str) -> DeltaGenerator:
    """Returns the container of a list's rows.

    Args:
        name: of the list, which no other on the page has.
    """
    st.html(_STYLE)
    return st.container(border=True, gap=None, key=f"{name}-rows")
