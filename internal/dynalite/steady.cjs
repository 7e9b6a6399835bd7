// Dynalite ends with an exception when a client goes away in the middle of a
// request, as a process does that is killed. DynamoDB goes on.
process.on("uncaughtException", (err) => {
  if (err && (err.message === "aborted" || err.code === "ECONNRESET" || err.code === "EPIPE")) return;
  console.error(err);
  process.exit(1);
});
