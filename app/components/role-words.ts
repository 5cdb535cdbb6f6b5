export const roleWords = {
  viewer: 'sees everything, changes nothing',
  operator: 'also silences, acknowledges, accepts baselines and sets maintenance',
  admin: 'does everything, people and tokens too',
} as const;
