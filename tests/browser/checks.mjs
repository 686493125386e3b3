// What was checked, and what did not hold.

export class Checks {
  passed = 0;
  faults = [];

  /** One check. `detail` says what was found instead. */
  that(holds, name, detail = '') {
    if (holds) {
      this.passed += 1;
      return;
    }
    const fault = detail === '' ? name : `${name}: ${detail}`;
    this.faults.push(fault);
    console.log(`FAILED  ${fault}`);
  }

  equal(found, expected, name) {
    this.that(found === expected, name, `found ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`);
  }

  /** The line that the runner of every check reads. */
  summary() {
    return `${this.passed} passed, ${this.faults.length} failed`;
  }
}

const DEADLINE = 30_000;
const PAUSE = 100;

/** Asks `condition` again and again until it answers with something, and returns that. */
export async function until(condition, what, { deadline = DEADLINE, pause = PAUSE } = {}) {
  const end = Date.now() + deadline;
  for (;;) {
    const answer = await condition();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
