/** The names that the columns of a CSV file go by, in lower case. */
export const COLUMNS = {
  tokens: ['tokens', 'token', 'token数', 'tokens_used', '数量', '数值', '增量'],
  event: ['event', 'task', 'description', '事件', '事件描述', '描述', '任务'],
  timestamp: ['timestamp', 'time', 'date', 'start_time', '时间', '日期', '时间戳'],
  conversation_id: ['conversation_id', 'conversation', '会话', '对话', '会话id'],
  id: ['id', 'session_id'],
  undone: ['undone'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type Column = keyof typeof COLUMNS;

/** The column that a header's name stands for, if any. */
export function columnOf(name: string): Column | undefined {
  const wanted = plainName(name);
  return (Object.keys(COLUMNS) as Column[]).find((column) => (COLUMNS[column] as readonly string[]).includes(wanted));
}

/** A header's name as it is compared: in lower case, without space around it. */
export function plainName(name: string): string {
  return name.trim().toLowerCase();
}
