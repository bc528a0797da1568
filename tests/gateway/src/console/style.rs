//! The console's only style sheet.

/// Colours follow the reader's preference; contrast is at least 4.5 : 1 in both.
pub(super) const CSS: &str = r#"
:root{color-scheme:light dark;--ink:#1b2430;--soft:#566273;--line:#dde3ea;--back:#f4f6f8;--card:#fff;--accent:#1f4e8c;
--high:#b3261e;--medium:#a14d00;--low:#6d5f00;--secured:#14703c;--unknown:#566273;--on:#fff}
@media(prefers-color-scheme:dark){:root{--ink:#e6ebf1;--soft:#a3afbd;--line:#2e3946;--back:#12171d;--card:#1a2129;
--accent:#8db8f2;--high:#ff8a80;--medium:#ffb066;--low:#e2cf55;--secured:#7fd8a2;--unknown:#a3afbd;--on:#12171d}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
nav{display:flex;flex-wrap:wrap;align-items:center;gap:.25rem 1.25rem;background:var(--card);border-bottom:1px solid var(--line);padding:.6rem max(1.25rem,calc((100% - 67.5rem)/2))}
nav b{margin-right:.75rem}nav a{color:var(--soft);text-decoration:none;padding:.25rem 0;border-bottom:2px solid transparent}
nav a[aria-current]{color:var(--ink);border-color:var(--accent)}nav form{margin-left:auto;display:flex;gap:.75rem;align-items:baseline}
main{max-width:70rem;margin:0 auto;padding:1.75rem 1.25rem}
h1{font-size:1.45rem;margin:0 0 .25rem;overflow-wrap:anywhere}h2{font-size:1.05rem;margin:0 0 .5rem}
h1 code{font-size:1.2rem}.sub,.soft{color:var(--soft)}.sub{margin:0 0 1.25rem}
.tally{display:flex;flex-wrap:wrap;gap:.75rem;list-style:none;margin:0 0 1.5rem;padding:0}
.tally li{background:var(--card);border:1px solid var(--line);border-top:3px solid var(--c);border-radius:8px;padding:.5rem 1rem;min-width:7rem;color:var(--soft)}
.tally a{color:inherit}.tally b{display:block;font-size:1.5rem;line-height:1.2;color:var(--ink)}
.high{--c:var(--high)}.medium{--c:var(--medium)}.low{--c:var(--low)}.secured{--c:var(--secured)}.unknown{--c:var(--unknown)}
section,.list{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:1rem 1.25rem;margin:0 0 1rem}
section[class]{border-left:4px solid var(--c)}
.pill{background:var(--c);color:var(--on);border-radius:999px;padding:.1rem .7rem;font-size:.82rem;font-weight:600;white-space:nowrap}
.why{margin:0 0 .75rem;font-weight:600;overflow-wrap:anywhere}
dl{display:flex;flex-wrap:wrap;gap:.5rem 2.25rem;margin:0}
dt{color:var(--soft);font-size:.8rem}dd{margin:0;overflow-wrap:anywhere}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.92rem}
th{text-align:left;color:var(--soft);font-weight:500;font-size:.8rem;white-space:nowrap}
th,td{padding:.45rem .9rem .45rem 0;border-top:1px solid var(--line);vertical-align:top;overflow-wrap:break-word}td code{overflow-wrap:anywhere}
@media(max-width:45rem){main{padding:1.25rem .75rem}nav{padding-inline:.75rem}
.cards thead,.cards td.none{display:none}.cards tr{display:block;border-top:1px solid var(--line);padding:.6rem 0}.cards tr:first-child{border-top:0}
.cards td,.cards td.n{display:block;border:0;padding:.1rem 0;white-space:normal}.cards td[data-head]::before{content:attr(data-head) ": ";color:var(--soft)}
.edit .cards tr{display:grid;grid-template-columns:1fr 1fr;gap:.25rem .75rem;align-items:center}.edit td:first-child,.edit td:last-child{grid-column:1/-1}}
thead tr:first-child th{border-top:0}td.n{white-space:nowrap}
code{font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}a{color:var(--accent)}
.empty,footer{color:var(--soft)}.bad,.good,.note{border-left:4px solid var(--high);background:var(--card);padding:.6rem .9rem;margin:0 0 1rem}
.good{border-color:var(--secured)}.note{border-color:var(--accent)}
button{font:inherit;font-weight:600;background:var(--accent);color:var(--on);border:0;border-radius:6px;padding:.45rem 1rem;cursor:pointer}
button.plain{background:none;color:var(--accent);padding:.25rem 0;font-weight:400}button.danger{background:var(--high)}
input,select{font:inherit;color:inherit;background:var(--back);border:1px solid var(--line);border-radius:6px;padding:.35rem .5rem}
input[type=checkbox]{margin:0 .5rem 0 0}label.tick{display:flex;align-items:center}
fieldset{border:0;margin:0;padding:0;min-width:0}summary{cursor:pointer;color:var(--accent);margin-bottom:.5rem}
textarea{font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;color:inherit;background:var(--back);border:1px solid var(--line);border-radius:6px;padding:.4rem .5rem;width:100%}
.part{padding:0 .4rem}.part[aria-current]{color:var(--ink);font-weight:600;text-decoration:none}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(17rem,1fr));gap:.9rem 1.5rem}
.grid label>span{display:block;color:var(--soft);font-size:.85rem}
.end{display:flex;flex-wrap:wrap;gap:.75rem;align-items:end}.end .tick{padding:.45rem 0}
.find{margin:0 0 1rem}.find input,.find label{max-width:100%}.find input{background:var(--card)}
.login{max-width:22rem;margin:12vh auto 0;background:var(--card);border:1px solid var(--line);border-radius:10px;padding:1.75rem;display:grid;gap:.75rem}
.login p{margin:0}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
"#;
