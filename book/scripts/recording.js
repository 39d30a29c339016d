// What a lab has recorded: a file of its choices and, for each combination of them, the last choice changing fastest, what a
// run of the lab has told (tools/record.py).

// A function from the choices, { name: value }, to what is recorded for them.
export async function fetched(address) {
  const { choices, entries } = await (await fetch(address)).json();
  return (chosen) => {
    let place = 0;
    for (const [name, values] of Object.entries(choices)) place = place * values.length + values.indexOf(chosen[name]);
    return entries[place];
  };
}
