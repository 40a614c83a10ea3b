import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { defineConfig } from "vite";

const target = fileURLToPath(new URL("../src/narrows/explorer/", import.meta.url));
const runtime = fileURLToPath(new URL("node_modules/onnxruntime-web/dist/", import.meta.url));

/** Lays the runtime beside the page's script, compressed once for all the pages that will carry it. */
const carryRuntime = {
  name: "carry-runtime",
  closeBundle() {
    mkdirSync(target, { recursive: true });
    const parts = { "ort.mjs.gz": "ort.wasm.bundle.min.mjs", "ort.wasm.gz": "ort-wasm-simd-threaded.wasm" };
    for (const [name, source] of Object.entries(parts)) {
      writeFileSync(target + name, gzipSync(readFileSync(runtime + source), { level: 9 }));
    }
  },
};

export default defineConfig({
  plugins: [carryRuntime],
  build: {
    outDir: target,
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    lib: {
      entry: "src/main.ts",
      formats: ["es"],
      fileName: () => "explorer.js",
      cssFileName: "explorer",
    },
  },
});
