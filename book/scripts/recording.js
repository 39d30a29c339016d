// What a lab has recorded: a file of its choices and, for each combination of them, the last choice changing fastest, what a
// run of the lab has told (tools/record.py).

const files = new Map(); // address -> a promise of the recording

function fetched({ href }) {
  if (!files.has(href)) files.set(href, fetch(href).then((answer) => answer.json()));
  return files.get(href).catch((error) => {
    files.delete(href); // the next move asks again
    throw error;
  });
}

// { recorded, … }: what is recorded for the choices as the controls say them, and the choices as the lab had them.
export async function played(address, said) {
  const { choices, entries } = await fetched(address);
  const found = {};
  let place = 0;
  for (const [name, values] of Object.entries(choices)) {
    const index = values.findIndex((value) => String(value) === said[name]);
    place = place * values.length + index;
    found[name] = values[index];
  }
  return { ...found, recorded: entries[place] };
}
