/** The Markdown of Killercoda and Katacoda as the field writes it: each syntax, each trap, and what a page makes of it. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { renderToStaticMarkup } from 'react-dom/server'
import { renderMarkdown } from '../../app/lesson-text/render.tsx'
import { withText } from '../../components/lesson/file-text.ts'
import { isTypedRight } from '../../components/lesson/quiz-answer.ts'
import { parseAction } from '../../server/lessons/dialect/action.ts'
import { withAddresses } from '../../server/lessons/dialect/hosts.ts'
import { readPage } from '../../server/lessons/page.ts'

const html = (...lines: string[]) => renderToStaticMarkup(renderMarkdown(lines.join('\n')))
/** The text of a page without its tags. */
const textOf = (markup: string) =>
  markup
    .replace(/<[^>]+>/g, '')
    .replaceAll('&#x27;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
/** What can be run on a page: the words of the braces that matter, and the text. */
const runs = (...lines: string[]) =>
  readPage(lines.join('\n')).placed.flatMap(({ mark }) => {
    if (mark.kind !== 'command' || mark.action.kind !== 'run') return []
    const { kind: _, ...rest } = mark.action
    return [[mark.text, rest]]
  })

test('the words between braces', () => {
  assert.deepEqual(parseAction('exec'), { kind: 'run' })
  assert.deepEqual(parseAction('execute T2 interrupt'), { kind: 'run', terminal: 2, interrupt: true })
  assert.deepEqual(parseAction('exec interrupt T1 HOST1'), { kind: 'run', terminal: 1, interrupt: true })
  assert.deepEqual(parseAction('execute HOST2'), { kind: 'run', host: 2 })
  assert.deepEqual(parseAction('exec no-newline'), { kind: 'run', newline: false, inside: true })
  assert.deepEqual(parseAction('copy'), { kind: 'copy' })
  assert.deepEqual(parseAction('open'), { kind: 'open' })
  assert.deepEqual(parseAction('exec T1 inside'), { kind: 'run', terminal: 1, inside: true })
  assert.deepEqual(parseAction('exec fails test-echoip'), { kind: 'run', fails: true })
  assert.deepEqual(parseAction('exec', ':wq'), { kind: 'run', inside: true })
  const press = { kind: 'run', newline: false, inside: true }
  assert.deepEqual(parseAction('execute ctrl-seq', '^C'), { ...press, send: '\x03' })
  assert.deepEqual(parseAction('exec T2 ctrl-seq', '^ESC'), { ...press, terminal: 2, send: '\x1b' })
  assert.deepEqual(parseAction('exec ctrl-seq', '^x ^[^?'), { ...press, send: '\x18\x1b\x7f' })
  assert.equal(parseAction('exec ctrl-seq', 'Ctrl+C'), null)
  for (const words of ['', 'execute ctrl-seq', 'x']) assert.equal(parseAction(words), null)
})

describe('commands are found, whatever their fences look like', () => {
  const cases: Record<string, [string[], [string, object][]]> = {
    'behind the closing fence': [['```', 'ls', '```{{execute}}', '', 'on'], [['ls', {}]]],
    'with a language, a space, several words': [
      ['```bash', 'ls', '```  {{ execute T2 interrupt }} '],
      [['ls', { terminal: 2, interrupt: true }]],
    ],
    'behind the opening fence': [['```bash {{exec}}', 'ls', '```'], [['ls', {}]]],
    'behind the opening fence without a language': [['```{{exec}}', 'ls', '```'], [['ls', {}]]],
    'on the line below': [['```', 'ls', '```', '{{exec}}', '', 'on'], [['ls', {}]]],
    'behind the last line of code': [['```', 'cd', 'ls```{{execute}}', '', 'on'], [['cd\nls', {}]]],
    'followed by a full stop': [['```', 'ls', '```{{execute}}.', '', 'on'], [['ls', {}]]],
    tildes: [['~~~', 'ls', '~~~{{execute}}'], [['ls', {}]]],
    'a longer fence around a shorter one': [
      ['````', '```', 'ls', '```{{execute}}', '````{{exec}}'],
      [['```\nls\n```{{execute}}', {}]],
    ],
    'in a list': [['1. Do', '', '   ```', '   ls', '   ```{{execute}}', '', '2. On'], [['ls', {}]]],
    'in a list, four columns in': [
      ['- Do', '', '    ```', '    ls', '    ```{{execute}}', '- On'],
      [['ls', {}]],
    ],
    'in a list, with code that is not indented': [
      ['1. Do', '   ```', 'ls', '   ```{{execute}}', '2. On'],
      [['ls', {}]],
    ],
    'with more behind the braces': [
      ['```bash', 'ls', '```{{exec}}|skip{{sandbox}}', '', 'Then', '', '```', 'pwd', '```{{exec}}on'],
      [
        ['ls', {}],
        ['pwd', {}],
      ],
    ],
    'in a list, on its line': [['- ```sh', '  ls', '  ```{{exec}}'], [['ls', {}]]],
    'indented without a list': [
      ['Do', '', '    ```', '    ls', '    ```{{execute}}', '', 'on'],
      [['ls', {}]],
    ],
    'with a tab': [['- Do', '', '\t```', '\tls', '\t```{{execute}}'], [['ls', {}]]],
    'in a block quote': [['> ```', '> ls', '> ```{{execute}}', '', 'on'], [['ls', {}]]],
    'in <details> without blank lines': [
      ['<details><summary>Tip</summary>', '```', 'ls', '```{{exec}}', '</details>', '', 'on'],
      [['ls', {}]],
    ],
    'Windows’ line ends': [['```sh\r', 'ls\r', '```{{exec}}\r'], [['ls', {}]]],
    'inline, double backticks': [['Run ``echo `date` ``{{execute}} now'], [['echo `date` ', {}]]],
    'inline, three backticks': [['```ls -l```{{execute}}'], [['ls -l', {}]]],
    'inline, a space before the braces': [['`ls` {{execute}}'], [['ls', {}]]],
    'inline, one brace forgotten': [['`ls`{execute}}'], [['ls', {}]]],
    'inline, several lines': [['`cat <<EOF > a', 'x', 'EOF`{{execute}}'], [['cat <<EOF > a\nx\nEOF', {}]]],
    'inline, bold': [['**`ls`**{{execute}}'], [['ls', {}]]],
    'inline, in a table': [['| a |', '| - |', '| `ls`{{exec}} |'], [['ls', {}]]],
    'inline, in HTML': [['<p>Run `ls`{{execute}}</p>'], [['ls', {}]]],
    'the command where the language should be': [['```ls -l', '```{{execute}}'], [['ls -l', {}]]],
  }
  for (const [name, [lines, expected]] of Object.entries(cases)) {
    test(name, () => {
      assert.deepEqual(runs(...lines), expected)
      const page = html(...lines)
      const outside = page.replace(/<pre>.*?<\/pre>/gs, '').replace(/aria-label="[^"]*"/g, '')
      assert.doesNotMatch(outside, /\{\{?\s*exec|```|~~~/, 'nothing of the syntax is left')
      assert.match(page, /aria-label="Run/)
      if (lines.includes('on')) assert.match(page, /<p>on<\/p>/, 'the text behind it is text')
    })
  }

  test('code written as HTML', () => {
    const page = html('Run <code>ls</code>{{execute}} and', '', '<pre>cd /tmp</pre>{{execute}}')
    assert.match(page, /aria-label="Run: ls"/)
    assert.doesNotMatch(textOf(page), /\{\{/)
  })

  test('a fence that is never closed keeps its text, and its line is known', () => {
    const read = readPage('a\n\n```\nls\nmore')
    assert.deepEqual(read.openFences, [3])
    // A closing fence alone would swallow the rest of the page.
    assert.match(html('a', '', '```{{execute}}', '', 'b'), /<p>b<\/p>/)
  })

  test('braces behind nothing go, and are reported with their line', () => {
    const read = readPage('one\n\nRun docker ps{{execute}} now')
    assert.deepEqual(
      read.findings.map(({ code, line }) => [code, line]),
      [['stray-suffix', 3]],
    )
    assert.equal(textOf(html('Run docker ps{{execute}} now')), 'Run docker ps now')
  })

  test('lines are those of the author’s file', () => {
    const read = readPage(
      'a\n\n>>Why?<<\n(*) x\n( ) y\n\n`ls`{{exec}}\n\n<details>\n```\ncd\n```{{exec}}\n</details>',
    )
    assert.deepEqual(
      read.placed.map(({ mark, line }) => [mark.kind, line]),
      [
        ['quiz', 3],
        ['command', 7],
        ['command', 10],
      ],
    )
  })
})

describe('what documents the syntax stays as it is', () => {
  const documentation = {
    'in <pre>': ['<pre>`ls`{{execute}}</pre>', '`ls`{{execute}}'],
    'a block in <pre>': ['<pre>\n```\nls\n```{{execute}}\n</pre>', '```\nls\n```{{execute}}'],
    escaped: [
      '<pre>&#x3C;pre class="file" data-target="clipboard">x&#x3C;/pre></pre>',
      '<pre class="file" data-target="clipboard">x</pre>',
    ],
    'as inline code': ['Write `{{execute}}` behind it', '{{execute}}'],
    'in a longer fence': ['````\n```\nls\n```{{execute}}\n````', '```\nls\n```{{execute}}'],
    'a template’s braces': ['Use `{{ .Values.x }}` and {{ name }} here', '{{ name }} here'],
    'in a comment': ['<!--\n```\nls\n```{{execute}}\n-->\n\nafter', 'after'],
  }
  for (const [name, [markdown, kept]] of Object.entries(documentation)) {
    test(name, () => {
      assert.deepEqual(runs(markdown!), [])
      assert.ok(textOf(html(markdown!)).includes(kept!), textOf(html(markdown!)))
      assert.doesNotMatch(html(markdown!), /aria-label="Run/)
    })
  }
})

test('copy, open, and braces that take the copy button away', () => {
  const page = html('`a`{{copy}} `b`{{}} `app.js`{{open}} `c`')
  assert.match(page, /aria-label="Copy: a"/)
  assert.match(page, /aria-label="Open \/root\/app\.js in the editor"/)
  assert.match(page, /<code>b<\/code>/)
  assert.match(page, /<code>c<\/code>/)
  assert.doesNotMatch(textOf(page), /\{\{/)
})

test('a command for another host is shown, said to be impossible, and not run', () => {
  const page = html('`hostname`{{execute HOST2}}', '', '```', 'ls', '```{{execute HOST3}}')
  assert.doesNotMatch(page, /aria-label="Run/)
  assert.match(page, /host 2, which is not there/)
  assert.match(page, /host 3, which is not there/)
})

describe('<pre class="file">', () => {
  const files = (markdown: string) =>
    readPage(markdown).placed.map(({ mark }) =>
      mark.kind === 'file' ? [mark.file, mark.target, mark.marker, mark.text] : [mark.kind],
    )

  test('goes into a file: replaced, appended, prepended, or in place of a marker', () => {
    const pre = (attributes: string, text: string) =>
      `<pre class="file" data-filename="app.js" ${attributes}>${text}</pre>`
    assert.deepEqual(files(pre('data-target="replace"', 'a &lt; b\n\nc')), [
      ['app.js', 'replace', '', 'a < b\n\nc'],
    ])
    assert.deepEqual(files(pre('data-target=append', '\nx')), [['app.js', 'append', '', 'x']])
    assert.deepEqual(files(pre('data-target="insert" data-marker="#TODO"', 'List<String> a;')), [
      ['app.js', 'insert', '#TODO', 'List<String> a;'],
    ])
    assert.match(html(pre('data-target="replace"', 'x')), /aria-label="Copy to editor: all of app\.js"/)
  })

  test('or onto the clipboard, with markup that was not escaped', () => {
    const page = html('<pre class="file" data-target="clipboard"><b>x</b> && y</pre>', '', 'after')
    assert.match(page, /aria-label="Copy: &lt;b&gt;x&lt;\/b&gt; &amp;&amp; y"/)
    assert.match(page, /<p>after<\/p>/)
  })

  test('what becomes of the file', () => {
    assert.equal(withText('old', 'replace', 'new', ''), 'new\n')
    assert.equal(withText('old', 'append', 'new', ''), 'old\nnew\n')
    assert.equal(withText('old\n', 'prepend', 'new', ''), 'new\nold\n')
    assert.equal(withText('a #TODO b', 'insert', '$&', '#TODO'), 'a $& b')
    assert.equal(withText('a', 'insert', 'x', '#TODO'), null)
  })
})

test('questions: one answer, several, typed', () => {
  const { placed } = readPage(
    '>>Q1<<\n( ) a\n(*) b `c`\n\n>>Q2<<\n[*] a\n[ ] b\n[*] c\n\n>> Q3 <<\n=== Yes\n\n>>Q4<<\n=~= part\n\nend',
  )
  const quizzes = placed.map(({ mark }) => (mark.kind === 'quiz' ? mark.quiz : null)!)
  assert.deepEqual(
    quizzes.map(({ ask, kind, answers }) => [ask, kind, answers.map(({ right }) => right)]),
    [
      ['Q1', 'one', [false, true]],
      ['Q2', 'several', [true, false, true]],
      ['Q3', 'exact', [true]],
      ['Q4', 'contains', [true]],
    ],
  )
  assert.ok(isTypedRight('exact', ['Yes'], ' yes ') && !isTypedRight('exact', ['Yes'], 'yes sir'))
  assert.ok(isTypedRight('contains', ['part'], 'a Party') && !isTypedRight('contains', ['part'], 'none'))
  const page = html('>>Which?<<', '(*) b `c`', '( ) d', '', 'end')
  assert.match(page, /<legend>Which\?<\/legend>/)
  assert.equal(page.match(/type="radio"/g)?.length, 2)
  assert.match(page, /<p>end<\/p>/)
  // In code it is code.
  assert.deepEqual(readPage('```\n>>Q<<\n(*) a\n```').placed, [])
})

test('addresses of ports become those of the sandbox, and say what can be done', () => {
  assert.equal(
    withAddresses('https://[[HOST_SUBDOMAIN]]-8080-[[KATACODA_HOST]].environments.katacoda.com/x'),
    'http://localhost:8080/x',
  )
  assert.equal(
    withAddresses('http://app.[[HOST2_SUBDOMAIN]]-80-[[KATACODA_HOST]].environments.katacoda.com'),
    'http://172.30.2.2:80',
  )
  assert.equal(
    withAddresses('{{TRAFFIC_HOST1_80}} [[HOST_IP]] [[HOST2_IP]]'),
    'http://localhost:80 127.0.0.1 172.30.2.2',
  )
  const page = html('[the site]({{TRAFFIC_HOST1_8080}}/health)')
  assert.match(page, /the site/)
  assert.match(page, /aria-label="Run: curl -s http:\/\/localhost:8080\/health"/)
  assert.doesNotMatch(page, /<a /)
  assert.match(html('[ports]({{TRAFFIC_SELECTOR}})'), /list of ports, which this lab does not have/)
  assert.match(
    html('[two](https://[[HOST2_SUBDOMAIN]]-80-[[KATACODA_HOST]].environments.katacoda.com)'),
    /host 2, which this lab does not have/,
  )
})

describe('untrusted text', () => {
  const hostile = [
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<b onclick="x">y</b>',
    '<a href="javascript:alert(1)">x</a>',
    '[x](javascript:alert(1))',
    '[x](data:text/html,<script>alert(1)</script>)',
    '<svg onload=alert(1)><a xlink:href="javascript:x">x</a></svg>',
    '<math><mi xlink:href="javascript:x">x</mi></math>',
    '<form action="https://evil.example"><button>x</button></form>',
    '<style>body{display:none}</style>',
    '<link rel=stylesheet href="https://evil.example/x.css">',
    '<meta http-equiv=refresh content="0;url=https://evil.example">',
    '<base href="https://evil.example/">',
    '<object data="https://evil.example/x.swf"></object>',
    '<video autoplay src="https://evil.example/x.mp4"></video>',
    '<table background="https://evil.example/x.png"><tr><td style="background:url(https://evil.example/y)">x</td></tr></table>',
    '<img src="data:image/svg+xml;base64,PHN2Zy8+">',
    '<img srcset="https://evil.example/x.png 1x" src="x">',
    '<template><script>x</script></template>',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '<code data-lab="aaaaaaaaaaaa-0">x</code>',
    '<pre class="file" data-filename="x" data-target="replace"></pre><script>x</script>',
  ]
  for (const attack of hostile) {
    test(attack.slice(0, 60), () => {
      const page = html('`ls`{{exec}}', '', attack, '', `in line ${attack}`)
      assert.doesNotMatch(
        page,
        /<(script|style|link|meta|base|form|object|embed|iframe|video|svg onload|math)\b/i,
      )
      assert.doesNotMatch(page.replace(/="[^"]*"/g, '='), /\son\w+=|srcset|background/i)
      assert.doesNotMatch(page, /javascript:/i)
      // Nothing is fetched from elsewhere by itself: an address may only stand in a link.
      for (const [, attribute] of page.matchAll(/\s(\w+)="(?:https?:)?\/\/evil/g))
        assert.equal(attribute, 'href')
      assert.equal(page.match(/aria-label="Run/g)?.length, 1)
    })
  }

  test('pictures: from elsewhere only when asked for', () => {
    const page = html('![A cat](https://pics.example/cat.png)')
    assert.doesNotMatch(page, /<img/)
    assert.match(page, /aria-label="Show the picture from pics\.example: A cat"/)
    assert.match(html('![x](data:image/png;base64,AAAA)'), /<img src="data:image\/png/)
  })

  test('frames become links', () => {
    const page = html('<iframe src="https://video.example/embed/1" title="A talk"></iframe>')
    assert.match(page, /<a href="https:\/\/video\.example\/embed\/1"[^>]*>A talk \(video\.example\)<\/a>/)
  })

  test('HTML of the field is kept', () => {
    const page = html(
      '<details><summary>Tip</summary>',
      '',
      'Text **bold**',
      '',
      '</details>',
      '',
      'a<br>b <kbd>Ctrl</kbd> <sub>x</sub>',
      '',
      '<table><tr><td colspan="2">x</td></tr></table>',
      '',
      '<img src="data:image/png;base64,AAAA" width="50px">',
    )
    for (const piece of [
      /<details><summary>Tip<\/summary>/,
      /<strong>bold<\/strong>/,
      /<br\/>/,
      /<kbd>Ctrl<\/kbd>/,
      /<td colSpan="2"/i,
      /width="50"/,
    ])
      assert.match(page, piece)
  })
})

test('prose: headings, tables, asides, links, fields, marked lines', () => {
  assert.match(html('# Title'), /<h2>Title<\/h2>/)
  assert.match(html('| a |', '| - |', '| b |'), /<div class="table"><table>/)
  assert.match(html('> **Predict.** Why?'), /<blockquote data-kind="predict">/)
  assert.match(html('> **Common mistake.** No.'), /<blockquote data-kind="mistake">/)
  assert.match(html('[a](https://example.org)'), /target="_blank" rel="noopener noreferrer nofollow"/)
  assert.match(
    html('[limit](field:/linux/resources/memory/limit)'),
    /<code title="\/linux\/resources\/memory\/limit">limit<\/code>/,
  )
  // Without a machine the lens is only a word.
  assert.match(html('[walls](lens:namespaces)'), /<p>walls<\/p>/)
  assert.match(html('[x](field:/tmp/other.json#/a~1b/0)'), /<code title="\/a~1b\/0">x<\/code>/)
  assert.match(html('```yaml{2}', 'a: 1', 'b: 2', '```'), /<mark>/)
  assert.match(html('```json', '"hostname": "a",', '```'), /token-keyword/)
  assert.match(html('```text output=v2', 'max', '```'), /Output on cgroup v2/)
})
