// The figures of the browser side, against a release build: `cargo xtask bench browser`.
import config from "./playwright.config.ts";

export default { ...config, testDir: "bench" };
