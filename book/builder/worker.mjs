// Answers each line of JSON that comes in with a line of JSON: { answer } or { error }.
import { createInterface } from "node:readline";

export async function answer(question) {
  for await (const line of createInterface({ input: process.stdin })) {
    let reply;
    try {
      reply = { answer: await question(JSON.parse(line)) };
    } catch (error) {
      reply = { error: error.message };
    }
    process.stdout.write(JSON.stringify(reply) + "\n");
  }
}
