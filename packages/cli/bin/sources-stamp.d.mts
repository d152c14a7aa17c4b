export declare const STAMP_FILE: string;
export declare const sourcesStamp: () => string | undefined;
export declare const isBuilt: () => boolean;
