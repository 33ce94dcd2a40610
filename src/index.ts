/** Ballast as a library: the pure pipeline, its decoding and its settings, for programs that run it themselves. */
export { decodeEvent, type Decoded, type DecodeOptions, type Rejection } from './contract/decode.ts';
export { encodeDecision } from './contract/encode.ts';
export { parseSettings, type ParsedSettings, type SettingText, type Violation } from './contract/settings.ts';
export { Pipeline, type Emit } from './core/pipeline/pipeline.ts';
export { loadPipeline, savePipeline, type Snapshot } from './core/snapshot.ts';
export type { Decision } from './core/decision.ts';
export type { InputEvent } from './core/event.ts';
export type { Settings } from './core/settings.ts';
