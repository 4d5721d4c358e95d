"""The style sheet of the HTML reports."""

from __future__ import annotations

from sessionzero.reporters.palette import DARK, FONT, LIGHT, MONO, chosen, variables

_VERDICTS = ("passes", "weak", "stops", "unknown")
_LEVELS = ("error", "warning", "note")

_PAGE = f"""
*{{box-sizing:border-box}}
html{{color-scheme:light dark;-webkit-text-size-adjust:100%}}
body{{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 {FONT}}}
code,pre{{font-family:{MONO};font-size:.9em}}
code{{overflow-wrap:anywhere}}
a{{color:inherit}}
h1,h2,h3,p{{margin:0}}
main,header,footer{{max-width:1180px;margin:0 auto;padding:0 24px}}
header{{padding-top:28px;padding-bottom:18px}}
h1{{font-size:26px;line-height:1.25}}
h2{{font-size:19px;margin:38px 0 12px}}
footer{{padding:34px 24px 40px;color:var(--faint);font-size:13.5px}}
.hidden{{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);
white-space:nowrap}}
.lead{{color:var(--faint);margin-top:4px}}
.nothing{{padding:18px;border:1.5px dashed var(--rim);border-radius:10px;color:var(--faint)}}
"""

_MAP = """
.map{--wall:18px;--gap:12px}
.sessions,.rows{background:linear-gradient(90deg,var(--ours) 50%,var(--theirs) 50%)}
.sessions{display:flex;justify-content:space-between;gap:48px;padding:14px 20px 10px;
border-radius:14px 14px 0 0;position:sticky;top:0;z-index:2}
.sessions b{display:block;font-size:18px;line-height:1.3}
.sessions span{color:var(--faint);font-size:13.5px}
.sessions div:last-child{text-align:right}
.rows{position:relative;display:grid;gap:var(--gap) 0;padding:8px 20px 20px;
border-radius:0 0 14px 14px;
grid-template-columns:
minmax(110px,180px) minmax(96px,130px) minmax(0,1fr) minmax(96px,130px) minmax(110px,180px)}
.rows::before,.sessions::before{content:"";position:absolute;top:0;bottom:0;
left:calc(50% - var(--wall)/2);width:var(--wall);background:
linear-gradient(var(--mortar) 1px,transparent 1px) 0 0/100% 8px,
conic-gradient(from 270deg at 8px 8px,var(--brick) 90deg,transparent 90deg) 0 0/18px 16px,
conic-gradient(from 270deg at 9px 8px,var(--mortar) 90deg,transparent 90deg) 0 0/18px 16px,
conic-gradient(from 180deg at 1px 8px,var(--mortar) 90deg,transparent 90deg) 0 0/18px 16px,
var(--brick)}
.row{display:contents}
.box{border:1.5px solid var(--rim);border-radius:8px;background:var(--card);padding:12px;
text-align:center;font-weight:600;overflow-wrap:anywhere;display:flex;justify-content:center;align-items:center}
.box span{position:sticky;top:84px;bottom:12px}
.box.left{grid-column:1}.box.right{grid-column:5}
.box.vague{background:none;border-style:dashed;color:var(--faint);font-weight:400;font-size:14px}
.line{grid-row:var(--row);align-self:center;text-align:center;line-height:1.3;font-size:13px;
min-width:0;padding:0 3px}
.line.left{grid-column:2}.line.right{grid-column:4}
.line b{display:block}
.line span{display:flex;justify-content:center;color:var(--faint);font-size:12px;
white-space:nowrap}
.line em{font-style:normal;overflow:hidden;text-overflow:ellipsis;min-width:0}
.line i{display:block;position:relative;border-top:2px solid var(--tone);margin:4px -3px}
.line i::after{content:"";position:absolute;top:-6px;right:0;border:5px solid transparent;
border-left:9px solid var(--tone);border-right:0}
.line.right:not(.out) i::after{right:auto;left:0;transform:scaleX(-1)}
.stops .line i,.unknown .line i{border-top-style:dashed}
.card{grid-row:var(--row);grid-column:3;position:relative;min-width:0;border-radius:9px;
border:1.5px solid var(--tone);background:var(--soft-tone);padding:11px 14px 11px 48px}
.symbol{display:inline-block;width:22px;height:22px;border-radius:50%;background:var(--tone);
color:var(--on);font-weight:700;font-size:14px;line-height:22px;text-align:center}
.card .symbol{position:absolute;left:14px;top:12px}
.kind{color:var(--faint);font-size:14px}
.title code{font-weight:600;font-size:14px}
.reason{font-size:13.5px;line-height:1.45}
.rule{font-size:13px;margin-top:2px}
.rule{color:var(--tone);font-weight:600}
.rule code{color:var(--faint);font-weight:400}
.ends{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.card details{font-size:13px;margin-top:2px}
.card ul{margin:4px 0;padding-left:18px}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:6px 26px;margin:12px 0 0;padding:0 20px;
font-size:13.5px;color:var(--faint)}
.legend .symbol{width:18px;height:18px;line-height:18px;font-size:12px;margin-right:7px}
@media(max-width:860px){
main,header,footer{padding-left:12px;padding-right:12px}
.sessions{padding:10px 12px 8px;gap:30px}
.sessions span{display:block;line-height:1.3;font-size:12.5px}
.rows{display:block;padding:4px 8px 12px}
.row{display:block;margin-top:var(--gap)}
.row:first-of-type{margin-top:0}
.box,.line{display:none}
.card{padding:11px 12px 0 44px}.card .symbol{left:12px}
.ends{position:static;width:auto;height:auto;clip-path:none;overflow:visible;display:grid;
grid-template-columns:calc(50% - var(--wall)/2) 1fr;margin:9px -12px 0 -44px;
border-top:1px solid var(--tone);font-size:13px;line-height:1.35}
.ends p{padding:7px 12px 9px;min-width:0;overflow-wrap:anywhere}
.ends p+p{border-left:var(--wall) solid transparent;text-align:right}
.stops .ends p+p{border-left-color:var(--brick)}
.ends code{display:block;color:var(--faint)}
.card details{padding-bottom:9px}
}
"""

_FINDINGS = f"""
.chips{{display:flex;flex-wrap:wrap;gap:8px;margin-top:14px}}
.chip{{border:1.5px solid var(--tone);color:var(--tone);border-radius:99px;padding:1px 12px;
font-size:13.5px;font-weight:600;white-space:nowrap}}
.chip.full{{background:var(--tone);color:var(--on)}}
.chip.plain{{--tone:var(--faint);font-weight:400}}
table{{border-collapse:collapse;width:100%;font-size:14px}}
th{{text-align:left;color:var(--faint);font-weight:500}}
td,th{{padding:6px 14px 6px 0;border-bottom:1px solid var(--rim);vertical-align:baseline}}
td:last-child,th:last-child{{text-align:right;padding-right:0}}
h3{{font-size:15px;font-family:{MONO};margin:26px 0 8px;overflow-wrap:anywhere}}
.finding{{border:1px solid var(--rim);border-left:4px solid var(--tone);border-radius:8px;
background:var(--card);margin:8px 0}}
.finding>summary{{cursor:pointer;padding:10px 14px;display:flex;gap:6px 12px;flex-wrap:wrap;
align-items:baseline}}
.finding>summary::marker{{content:""}}
.finding>summary::before{{content:"▸";color:var(--faint);width:.8em;margin-right:-4px}}
.finding[open]>summary::before{{content:"▾"}}
.finding>summary:focus-visible{{outline:2px solid var(--note);outline-offset:2px;border-radius:6px}}
.finding .what{{flex:1 1 320px;min-width:0;overflow-wrap:anywhere}}
.finding .at{{color:var(--faint);font-size:13.5px;white-space:nowrap}}
.level{{color:var(--tone);font-weight:700;font-size:13.5px}}
.inside{{padding:0 14px 14px}}
.inside h4{{font-size:13.5px;margin:14px 0 4px;color:var(--faint);font-weight:600}}
.inside p{{font-size:14.5px;overflow-wrap:anywhere}}
.aside{{color:var(--faint)}}
pre{{margin:6px 0;padding:8px 0;background:var(--soft);border:1px solid var(--rim);
border-radius:6px;overflow-x:auto;font-size:13px;line-height:1.5;tab-size:4}}
pre span{{display:block;padding:0 12px 0 0;width:max-content;min-width:100%}}
pre .here{{background:var(--tone-line)}}
pre i{{display:inline-block;width:5.2em;padding-right:1.2em;text-align:right;color:var(--faint);
font-style:normal;user-select:none}}
mark{{background:none;color:inherit;font-weight:700;text-decoration:underline 2px var(--tone);
text-underline-offset:3px}}
ol.steps,ul.related{{margin:0;padding-left:26px;font-size:14px}}
ol.steps li,ul.related li{{margin:5px 0;overflow-wrap:anywhere}}
.steps pre,.related pre{{margin:3px 0;padding:3px 0}}
.steps mark,.related mark{{font-weight:400}}
.notices{{padding-left:20px;font-size:14px;overflow-wrap:anywhere}}
@media print{{.sessions{{position:static}}.finding{{break-inside:avoid}}}}
"""

STYLE = "".join(
    (
        variables(":root"),
        # A page in Visual Studio Code is told its theme by a class, whatever the system prefers.
        chosen("body.vscode-light", LIGHT),
        chosen("body.vscode-dark", DARK),
        *(f".{it}{{--tone:var(--{it});--soft-tone:var(--{it}-soft)}}" for it in _VERDICTS),
        *(
            f".{it}{{--tone:var(--{it});--tone-line:color-mix(in srgb,var(--{it}) 9%,transparent)}}"
            for it in _LEVELS
        ),
        _PAGE.replace("\n", ""),
        _MAP.replace("\n", ""),
        _FINDINGS.replace("\n", ""),
    )
)
