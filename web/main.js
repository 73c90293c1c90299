// Event handlers: buttons, dropped files, saving.
import { hasExample, loadExample } from './parts.js';
import { cancel, isKey, isPolicy, open, openNothing, psqlScript } from './reader.js';
import { savedName } from './text.js';
import { startTheme } from './theme.js';
import { startTuning } from './tuning.js';
import {
  element, showAnalyzing, showEmpty, showError, showProgress, showReading, showReport, showTuned, showTuning, showTuningFault,
} from './view.js';

const LARGEST = 1024 * 1024 * 1024;

/** @typedef {import('./reader.js').Bytes} Bytes */

/** @typedef {{ key: File | null, policy: File | null }} Beside the files given together with a snapshot */

/** The displayed result, for saving and for adding files.
 * @type {{ file: File, beside: Beside, redacted: boolean, report: Bytes, changes: Bytes | null, findings: Bytes | null } | null} */
let result = null;

/** The change set of what-if tuning, for saving.
 * @type {string | null} */
let tuned = null;

/** The snapshot to which a key or a policy that is opened next applies: the displayed one, or one whose policy is invalid.
 * @type {{ file: File, beside: Beside } | null} */
let opened = null;

/** @param {File} file a snapshot @param {Beside} beside */
function openFile(file, beside = { key: null, policy: null }) {
  cancel();
  const before = opened;
  opened = result = null;
  if (file.size > LARGEST) {
    showError(file.name, file.size, {
      message: 'the file is larger than 1 GiB, the limit of this page',
      hint: 'Snapshots are usually much smaller. If it is a snapshot, run `pgdba report` in a terminal.',
    });
    return;
  }
  showReading(file.name, file.size);
  open(file, beside.key, beside.policy, {
    progress: (read) => showProgress(read, file.size),
    analyzing: showAnalyzing,
    report: (bytes, redacted) => {
      opened = { file, beside };
      result = { file, beside, redacted, report: bytes, changes: null, findings: null };
      showResult();
    },
    changes: (bytes) => {
      if (result) result.changes = bytes;
      updateTools();
    },
    findings: (bytes) => {
      if (result) result.findings = bytes;
      updateTools();
    },
    error: (fault) => {
      const policy = fault.code === 'policy_invalid' ? beside.policy : null;
      // The snapshot itself can be shown, with the policy that it was shown with before, or without one.
      if (policy) opened = before?.file === file ? before : { file, beside: { ...beside, policy: null } };
      const wrong = policy ?? file;
      showError(wrong.name, wrong.size, fault, opened !== null);
    },
  });
}

function showResult() {
  if (!result) return;
  showReport(result.file.name, new TextDecoder().decode(result.report));
  updateTools();
}

/** The buttons for what the displayed report has. */
function updateTools() {
  if (!result || element('page-another').hidden) return;
  element('page-key').hidden = !result.redacted;
  element('page-save-changes').hidden = !result.changes;
  element('page-save-findings').disabled = !result.findings;
}

/** What-if tuning for the snapshot, or without one. */
async function openTuning() {
  try {
    if (!result) await openNothing();
    const started = startTuning(element('page-fields'), {
      answered: (answer) => {
        tuned = answer.changes;
        showTuned(answer.html, tuned !== null, answer.wrong.map(({ message }) => message));
      },
      failed: showTuningFault,
    });
    showTuning(result?.file.name ?? null);
    await started;
  } catch (fault) {
    showError('What-if tuning', null, /** @type {import('./reader.js').Fault} */ (fault));
  }
}

/** @param {string} name @param {number | null} bytes @param {{ message: string, hint: string }} fault */
function refuse(name, bytes, fault) {
  cancel();
  opened = result = null;
  showError(name, bytes, fault);
}

/**
 * A snapshot, its key, a policy, or several of them; a key or a policy alone applies to the open snapshot.
 *
 * @param {File[]} files
 */
async function openFiles(files) {
  if (files.length === 0) return;
  const policies = files.filter(isPolicy);
  const others = files.filter((file) => !isPolicy(file));
  const areKeys = files.length > 3 ? [] : await Promise.all(others.map(isKey));
  const key = others[areKeys.indexOf(true)] ?? null;
  const policy = policies[0] ?? null;
  const [snapshot, ...more] = others.filter((file) => file !== key);
  if (more.length > 0 || policies.length > 1) {
    refuse(`${files.length} files`, null, {
      message: 'more than one file was opened',
      hint: 'Open one snapshot at a time, optionally together with its key and one policy.',
    });
  } else if (snapshot) {
    openFile(snapshot, { key, policy });
  } else if (opened) {
    openFile(opened.file, { key: key ?? opened.beside.key, policy: policy ?? opened.beside.policy });
  } else {
    const { name, size } = key ?? policies[0];
    refuse(name, size, {
      message: key ? 'this file is the key of a redacted snapshot' : 'this file is a policy',
      hint: 'Open the snapshot first, or open both together.',
    });
  }
}

async function openExample() {
  try {
    openFile(await loadExample());
  } catch {
    showError('example.json.gz', null, { message: 'could not load the example', hint: 'Open a snapshot of your own.' });
  }
}

async function saveScript() {
  try {
    save(await psqlScript(), 'pgdba.sql', 'application/sql');
  } catch (fault) {
    showError('pgdba.sql', null, /** @type {import('./reader.js').Fault} */ (fault));
  }
}

/** @param {Bytes} bytes @param {string} name @param {string} type */
function save(bytes, name, type) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([bytes], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function listenToButtons() {
  const input = element('page-input');
  const choose = () => input.click();
  input.addEventListener('change', () => {
    openFiles([...input.files]);
    input.value = '';
  });
  for (const id of ['page-open', 'page-another', 'page-key', 'page-policy', 'page-retry']) element(id).addEventListener('click', choose);
  element('page-example').addEventListener('click', openExample);
  element('page-example').hidden = !hasExample();
  element('page-script').addEventListener('click', saveScript);
  element('page-cancel').addEventListener('click', () => {
    cancel();
    showEmpty();
    element('page-open').focus();
  });
  element('page-report-again').addEventListener('click', () => {
    if (opened) openFile(opened.file, opened.beside);
  });
  const close = () => {
    cancel();
    opened = result = null;
    showEmpty();
    element('page-open').focus();
  };
  element('page-back').addEventListener('click', close);
  for (const id of ['page-tune', 'page-what-if']) element(id).addEventListener('click', openTuning);
  element('page-tuning-back').addEventListener('click', () => (result ? showResult() : close()));
  element('page-tuning-save').addEventListener('click', () => {
    const name = result ? savedName(result.file.name, 'tuning.json') : 'tuning.json';
    if (tuned !== null) save(new TextEncoder().encode(tuned), name, 'application/json');
  });
  element('page-save-report').addEventListener('click', () => {
    if (result) save(result.report, savedName(result.file.name, 'report.html'), 'text/html');
  });
  element('page-save-changes').addEventListener('click', () => {
    if (result?.changes) save(result.changes, savedName(result.file.name, 'changes.json'), 'application/json');
  });
  element('page-save-findings').addEventListener('click', () => {
    if (result?.findings) save(result.findings, savedName(result.file.name, 'findings.json'), 'application/json');
  });
}

function listenToDrops() {
  const mark = (/** @type {boolean} */ on) => document.body.classList.toggle('page-dragging', on);
  addEventListener('dragover', (event) => {
    event.preventDefault();
    mark(true);
  });
  addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) mark(false);
  });
  addEventListener('drop', (event) => {
    event.preventDefault();
    mark(false);
    if (event.dataTransfer) openFiles([...event.dataTransfer.files]);
  });
}

startTheme(element('page-theme'));
listenToButtons();
listenToDrops();
showEmpty();
