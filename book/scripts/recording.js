// What a lab has recorded: a file of its choices and, for each combination of them, the last choice changing fastest, what a
// run of the lab has told (tools/record.py).

// A function from the choices, as the controls say them, to what is recorded for them, and to the choices as the lab had them.
export async function fetched(address) {
  const { choices, entries } = await (await fetch(address)).json();
  return (said) => {
    const found = {};
    let place = 0;
    for (const [name, values] of Object.entries(choices)) {
      const index = values.findIndex((value) => String(value) === said[name]);
      place = place * values.length + index;
      found[name] = values[index];
    }
    return { ...found, recorded: entries[place] };
  };
}
