// Words of the pages in English and Chinese, and sentences for refusals.
//
// Never: words of a customer's or the site's own.

import { settings } from "./state.mjs";

const WORDS = {
  title: ["Call centre", "呼叫中心"],
  user: ["User", "用户"],
  password: ["Password", "密码"],
  station: ["Station", "分机"],
  agent: ["Agent", "工号"],
  agentPassword: ["Agent's password", "工号密码"],
  logIn: ["Log in", "登录"],
  logOut: ["Log out", "签出"],
  agentOptional: ["Agent (leave empty to watch only)", "座席(仅监看时不填)"],
  stationHint: ["the only one, if empty", "只有一部时可不填"],
  desk: ["Desk", "座席"],
  wallboard: ["Wallboard", "大屏"],
  supervisor: ["Supervisor", "班长"],
  language: ["中文", "English"],
  theme_auto: ["Theme: as the system", "主题:跟随系统"],
  theme_light: ["Theme: light", "主题:浅色"],
  theme_dark: ["Theme: dark", "主题:深色"],
  help: ["Keys", "按键"],
  keysOn: ["Letter keys work", "字母快捷键:开"],
  keysOff: ["Letter keys are off", "字母快捷键:关"],
  close: ["Close", "关闭"],
  link_connecting: ["Connecting …", "正在连接……"],
  link_lost: ["Connection lost; trying again …", "连接中断,正在重连……"],
  gap: ["Some messages were lost; the state was read again", "有消息丢失,已重新读取状态"],
  sessionOver: ["The session has ended: log in again", "会话已结束,请重新登录"],
  refused: ["Refused", "被拒绝"],
  done: ["Done", "完成"],

  state_null: ["Logged out", "未签入"],
  state_notInitialized: ["Not known", "未知"],
  state_notReady: ["Not ready", "示忙"],
  state_ready: ["Ready", "空闲"],
  state_workNotReady: ["After-call work", "话后整理"],
  state_workReady: ["After-call work, ready", "话后整理(可接)"],
  state_talking: ["On a call", "通话中"],
  state_alerting: ["Alerting", "振铃"],

  call_initiate: ["Dialling", "拨号"],
  call_alerting: ["Incoming", "来电"],
  call_connect: ["Connected", "通话中"],
  call_hold: ["On hold", "保持"],
  call_queued: ["Waiting", "排队"],
  call_fail: ["Failed", "失败"],
  call_out: ["Calling", "呼叫中"],

  ready: ["Ready", "示闲"],
  notReady: ["Not ready", "示忙"],
  work: ["After-call work", "话后整理"],
  reason: ["Reason", "原因"],
  reason_0: ["No reason", "无"],
  reason_1: ["Rest", "小休"],
  reason_2: ["Meal", "用餐"],
  reason_3: ["Training", "培训"],
  reason_4: ["Meeting", "会议"],
  reason_5: ["Paperwork", "文书"],

  answer: ["Answer", "接听"],
  clear: ["Hang up", "挂断"],
  hold: ["Hold", "保持"],
  retrieve: ["Retrieve", "取回"],
  swap: ["Swap", "切换"],
  dial: ["Call", "呼叫"],
  consult: ["Consult", "咨询"],
  transfer: ["Transfer", "转接"],
  blindTransfer: ["Transfer unannounced", "直接转接"],
  conference: ["Conference", "会议"],
  reconnect: ["Back to caller", "返回客户"],
  deflect: ["Deflect", "转移"],
  digits: ["Send digits", "发送按键"],
  number: ["Number", "号码"],

  noCalls: ["No calls", "没有通话"],
  waitingForCalls: ["Calls appear here as they ring", "来电振铃时在此弹出"],
  recent: ["Recent calls", "最近通话"],
  customer: ["Customer", "客户"],
  stranger: ["Not a known customer", "未知客户"],
  account: ["Account", "户号"],
  keyed: ["Keyed", "按键"],
  queue: ["Queue", "队列"],
  waited: ["Waited", "等待"],
  called: ["Called", "被叫"],
  caller: ["Caller", "主叫"],
  machine: ["Machine", "设备"],
  calls: ["Calls", "通话"],
  missed: ["not answered", "未接"],
  with: ["with", "对方"],
  parties: ["Parties", "各方"],
  noStation: ["This user has no station here", "该用户没有分机"],
  agents: ["Agents", "座席"],
  waiting: ["Waiting", "排队"],
  longestWait: ["Longest wait", "最长等待"],
  serviceLevel: ["Within 20 s", "20 秒接通率"],
  answered: ["Answered", "接通"],
  abandoned: ["Abandoned", "放弃"],
  available: ["Ready", "空闲"],
  loggedIn: ["Logged in", "签入"],
  queues: ["Queues", "队列"],
  trunks: ["Lines", "线路"],
  trunk_idle: ["Idle", "空闲"],
  trunk_busy: ["In use", "占用"],
  trunk_out: ["Out of service", "停用"],
  group_ready: ["Ready", "空闲"],
  group_talking: ["On a call", "通话中"],
  group_work: ["After-call work", "话后整理"],
  group_notReady: ["Not ready", "示忙"],
  lastHour: ["the last hour", "最近一小时"],
  sinceOpened: ["Share answered within 20 s, answered and abandoned calls: counted since this page was opened", "20 秒接通率、接通和放弃从打开本页起计数"],
  state: ["State", "状态"],
  time: ["For", "时长"],
  call: ["Call", "通话"],
  choose: ["Choose an agent with the arrow keys or by a click", "用方向键或点击选择座席"],
  listen: ["Listen", "监听"],
  whisper: ["Whisper", "耳语"],
  barge: ["Barge in", "强插"],
  takeOver: ["Take over", "拦截"],
  stopSupervision: ["Leave the call", "退出监听"],
  forceRelease: ["Force release", "强拆"],
  forceReady: ["Set ready", "强制示闲"],
  forceNotReady: ["Set not ready", "强制示忙"],
  forceLogOut: ["Force log-out", "强制签出"],
  remark: ["Reason, for the record", "理由(将记录)"],
  liftHandset: ["The telephone rings: lift its handset", "话机已振铃,请摘机"],
};

const LANGUAGES = { en: 0, zh: 1 };

/** A word in the user's language. */
export const word = (key) => WORDS[key]?.[LANGUAGES[settings.language]] ?? key;

/** True if there is a word of this name. */
export const isWord = (key) => key in WORDS;

/** Sentences for refusals, by their names in CSTA. */
const REFUSALS = {
  unrecognizedOperationRejection: ["This server does not carry this service out", "该服务器不支持此操作"],
  noLink: ["There is no connection to the server", "与服务器没有连接"],
  sessionLost: ["The server was started anew; the request may not have been carried out", "服务器已重启,请求可能未执行"],
  replyLost: ["The reply was lost; the request may have been carried out", "应答丢失,请求可能已执行"],
  closed: ["The session is closed", "会话已关闭"],
  genericStateIncompatibility: ["Not possible in this state", "当前状态下不能操作"],
  invalidCalledDevice: ["There is no such number", "没有这个号码"],
  invalidCstaDeviceIdentifier: ["This number cannot be called", "不能呼叫该号码"],
  invalidDestination: ["This number cannot be called", "不能呼叫该号码"],
  genericUnspecified: ["Refused; at a log-in: wrong agent or password", "被拒绝;签入时:工号或密码错误"],
  resourceBusy: ["Busy", "忙"],
  genericSystemResourceAvailability: ["The site has no resource for it now", "系统暂时没有资源"],
  privilegeViolationOnSpecifiedDevice: ["No right to this at the device", "对该设备没有权限"],
  privilegeViolationOnCallingDevice: ["No right to call from this device", "没有用该设备呼叫的权限"],
  securityViolation: ["No right to this service", "没有该操作的权限"],
  noActiveCall: ["There is no active call", "没有进行中的通话"],
  noHeldCall: ["There is no held call", "没有保持的通话"],
  noCallToAnswer: ["No call alerts", "没有来电"],
  invalidCstaConnectionIdentifier: ["The call is over", "通话已结束"],
  genericSubscribedResourceAvailability: ["All lines are in use", "线路全忙"],
};

/** Words of a name in camel case. */
const spaced = (name) => name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();

/** A sentence for a refusal or another error. */
export function sentence(error) {
  const known = REFUSALS[error.failure]?.[LANGUAGES[settings.language]];
  if (known) return known;
  return error.failure ? `${word("refused")}: ${spaced(String(error.failure))}${error.why ? ` (${error.why})` : ""}` : error.message;
}
