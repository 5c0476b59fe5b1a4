/** The one script that runs before the first paint; apart from the stores, because the document shell needs it too. */

/** Where the choice of a theme is stored. */
export const KEY = 'runclab.theme'

/**
 * Runs in <head> before anything is painted, so that no page flashes in the wrong theme and no pane jumps to the size it
 * was given on an earlier visit (components/workbench/pane-sizes.ts). It also marks the page as having JavaScript: styles
 * hide what would not work without. What is stored is the visitor's, and may be anything.
 */
export const FIRST_SCRIPT = `(function(d){d.dataset.js='';try{var t=localStorage.getItem('${KEY}');\
if(t==='light'||t==='dark')d.dataset.theme=t}catch(e){}\
['columns','columns-lens','rows'].forEach(function(s){try{\
var o=JSON.parse(localStorage.getItem('runclab.'+s.replace('-','.')));\
for(var p in o)if(o[p]>=1&&o[p]<=100)d.style.setProperty('--'+s+'-'+p,String(+o[p]))}catch(e){}})})(document.documentElement)`
