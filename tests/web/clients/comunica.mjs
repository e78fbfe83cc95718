// Asks an endpoint with Comunica. Standard input: {"source": …, "queries": [[text, media type of the answer], …]};
// standard output: the answers as a list of texts.
//
// Comunica 4.5 runs on the Node.js 18 of Debian 12; 5.4 asks for a newer one. The overrides in package.json hold its
// parsers of results at versions before the direction of texts: with later ones it loses the language of every text.
import { text } from 'node:stream/consumers';
import { QueryEngine } from '@comunica/query-sparql';

const { source, queries } = JSON.parse(await text(process.stdin));
const engine = new QueryEngine();
const answers = [];
for (const [query, mediaType] of queries) {
  const result = await engine.query(query, { sources: [source] });
  const { data } = await engine.resultToString(result, mediaType);
  answers.push(await text(data));
}
process.stdout.write(JSON.stringify(answers));
